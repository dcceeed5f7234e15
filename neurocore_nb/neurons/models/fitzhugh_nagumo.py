"""FitzHugh's simplification of the Hodgkin-Huxley equations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...declarations import Parameter, State
from ...kernels.vmath import exprel
from ..model import NeuronModel
from ..spiking import DIMENSIONLESS, UpwardCrossing


class FitzHughNagumoNeuron(NeuronModel):
    r"""FitzHugh's model of a nerve membrane, which Nagumo built as a circuit, in numbers without units.

    .. math::

        \dot v &= c \left(v - \frac{v^3}{3} - w + i_e + i - g v\right)

        \dot w &= (v + a - b w) / c

    A spike is the passage of v from below 0 to above. A unit of time is a ms.

    Parameters: ``a`` 0.7, ``b`` 0.8, ``c`` 3, ``i_e`` 0, a constant current. States: the potential ``v`` and the
    recovery ``w``; they start at rest. Currents are as the paper's z; conductances are in the same scale, so that one
    of 1 to the potential 0 takes the term v away; reversal potentials are as v, which goes from -2 to 2.

    Notes
    -----
    The paper's signs are the other way round: its x, y and z are -v, w and -i, so that excitation is negative there.
    Others write time in units of ``1 / c``, :math:`\dot w = \phi (v + a - b w)` with :math:`\phi = 1 / c^2`, 0.08 in
    FitzHugh's later papers.

    It fires again and again at currents between 0.3465 and 1.4035, where the steady state is unstable; beyond, it is
    blocked. It has no sharp threshold: weak spikes are smaller.

    References
    ----------
    FitzHugh R (1961), Biophys J 1:445-466, equations 1 to 4; Nagumo J, Arimoto S, Yoshizawa S (1962), Proc IRE
    50:2061-2070.

    Examples
    --------
    >>> from neurocore_nb import FitzHughNagumoNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(FitzHughNagumoNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.1, 0.4), spikes).run(0.1)
    >>> spikes.count
    9
    """

    units = DIMENSIONLESS
    states = {"v": State(-1.1994080352), "w": State(-0.6242600441)}
    parameters = {
        "a": Parameter(0.7),
        "b": Parameter(0.8, above=0.0),
        "c": Parameter(3.0, above=0.0),
        "i_e": Parameter(0.0),
    }
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.02

    @staticmethod
    def derive(dt: Any, b: Any, c: Any) -> dict[str, Any]:
        """What a division and an exponential would otherwise cost in each substep."""
        return {"c_dt": c * dt, "per_b": 1.0 / b, "decay_w": np.exp(-dt * b / c)}

    @staticmethod
    def update(v, w, i, g, a, i_e, c_dt, per_b, decay_w):  # type: ignore[no-untyped-def]
        """One substep: w at the old v by its exact solution, then v by that of its equation linearised at the old v."""
        w_rest = (v + a) * per_b
        w = w_rest + (w - w_rest) * decay_w
        change = v - v * v * v / 3.0 - w + i_e + i - g * v
        return v + change * c_dt * exprel((1.0 - v * v - g) * c_dt), w
