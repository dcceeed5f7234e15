"""Hindmarsh and Rose's model of bursts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...declarations import Parameter, State
from ...kernels.vmath import exprel
from ..model import NeuronModel
from ..spiking import DIMENSIONLESS, UpwardCrossing


class HindmarshRoseNeuron(NeuronModel):
    r"""Hindmarsh and Rose's model of bursts, in numbers without units.

    .. math::

        \dot v &= y - a v^3 + b v^2 - z + i_e + i - g v

        \dot y &= c - d v^2 - y

        \dot z &= r [s (v - v_1) - z]

    A spike is the passage of v from below 1 to above. A unit of time is a ms.

    Parameters: ``a`` 1, ``b`` 3, ``c`` 1, ``d`` 5, ``r`` 0.001, ``s`` 4, ``v_1`` -1.6, ``i_e`` 0, a constant current.
    States: the potential ``v``, the fast recovery ``y`` and the slow adaptation ``z``; they start at rest without
    input. Currents are as the paper's I; conductances are divided by the capacitance, so that one of 1 to the
    potential 0 lets v decay with a time constant of 1 ms; reversal potentials are as v, which goes from -2 to 2.

    Notes
    -----
    In the paper v is called x. With ``r`` 0.001 a current of 0.4 makes it fire a single burst, 2 makes it burst again
    and again, and 4 makes it fire without pause. Chaotic bursts, at a current of 3.25 and ``r`` 0.005 or
    0.006, are of later papers.

    References
    ----------
    Hindmarsh JL, Rose RM (1984), Proc R Soc Lond B 221:87-102.

    Examples
    --------
    >>> from neurocore_nb import HindmarshRoseNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(HindmarshRoseNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 1.0, 2.0), spikes).run(0.2)
    >>> spikes.count
    38
    """

    units = DIMENSIONLESS
    states = {"v": State(-1.6045345328), "y": State(-11.8726553348), "z": State(-0.0181381312)}
    parameters = {
        "a": Parameter(1.0, above=0.0),
        "b": Parameter(3.0),
        "c": Parameter(1.0),
        "d": Parameter(5.0),
        "r": Parameter(0.001, low=0.0),
        "s": Parameter(4.0),
        "v_1": Parameter(-1.6),
        "i_e": Parameter(0.0),
    }
    spike = UpwardCrossing("v", 1.0)
    max_step = 0.01

    @staticmethod
    def derive(dt: Any, r: Any) -> dict[str, Any]:
        """What exponentials would otherwise cost in each substep."""
        return {"decay_y": np.exp(-dt), "gain_z": -np.expm1(-dt * r)}  # exact in single precision, too, for small r

    @staticmethod
    def update(v, y, z, i, g, dt, a, b, c, d, s, v_1, i_e, decay_y, gain_z):  # type: ignore[no-untyped-def]
        """One substep: y and z at the old v by their exact solutions, then v by that of its linearised equation."""
        y_rest = c - d * v * v
        y = y_rest + (y - y_rest) * decay_y
        z = z + (s * (v - v_1) - z) * gain_z
        change = y + (b - a * v) * v * v - z + i_e + i - g * v
        slope = (2.0 * b - 3.0 * a * v) * v - g
        return v + change * dt * exprel(slope * dt), y, z
