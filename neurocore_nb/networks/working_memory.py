"""The ring of Compte and others that remembers a direction."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..network.currents import StepCurrent
from ..network.distance import DistanceDependent
from ..network.distributions import Uniform
from ..network.network import Network
from ..network.population import Population
from ..network.projection import Projection
from ..network.space import Box, OfDistance
from ..network.stimulus import PoissonInput
from ..neurons import COBALIFNeuron
from ..synapses import ExpConductance
from .gating import saturating_nmda
from .sizes import scaled

N_EXC, N_INH = 2048, 512
CELL = {"e_l": -70.0, "v_th": -50.0, "v_reset": -60.0}  # mV
EXC = CELL | {"c_m": 500.0, "g_l": 25.0, "t_ref": 2.0}  # pF, nS, ms
INH = CELL | {"c_m": 200.0, "g_l": 20.0, "t_ref": 1.0}
G_EXT = {"exc": 3.1, "inh": 2.38}  # nS
CIRCLE = 360.0  # degrees


def working_memory(
    scale: float = 1.0,
    *,
    cue: float = 180.0,
    cue_onset: float = 0.5,
    cue_offset: float = 0.75,
    cue_current: float = 375.0,
    cue_width: float = 6.0,
    nu_ext: float = 1800.0,
    g_ee: float = 0.381,
    g_ei: float = 0.292,
    g_ie: float = 1.336,
    g_ii: float = 1.024,
    j_plus: float = 1.62,
    sigma_ee: float = 14.4,
    seed: int = 42,
) -> Network:
    r"""A ring of cells in which a bump of activity remembers the direction of a cue that has gone.

    2048 pyramidal cells, each with a preferred direction, and 512 interneurons. Pyramidal cells excite those with like
    directions more than others; inhibition is the same everywhere. Run it with ``dt=1e-4``. To erase the memory, or to
    distract it, add a :class:`StepCurrent` onto ``net["exc"]`` before the first run.

    Parameters
    ----------
    scale : float
        Times 2560 cells. Recurrent weights are divided by it, so that mean currents stay the same; in a small network
        fluctuations are larger, and the bump drifts faster.
    cue : float
        Direction in degrees, from 0 to 360.
    cue_onset, cue_offset : float
        In s.
    cue_current, cue_width : float
        Into pyramidal cells: the largest current, in pA, and the standard deviation of its profile, in degrees.
    nu_ext : float
        Rate of background spikes onto each cell, in Hz.
    g_ee, g_ei, g_ie, g_ii : float
        Recurrent conductances in nS: of pyramidal cells onto themselves and onto interneurons, of interneurons onto
        pyramidal cells and onto themselves.
    j_plus, sigma_ee : float
        Strength of synapses between pyramidal cells of one direction, relative to the mean, which is ``g_ee``, and the
        width in degrees in which it falls off: :math:`J_- + (J_+ - J_-) e^{-\Delta\theta^2 / 2 \sigma^2}`.
    seed : int

    Returns
    -------
    Network
        With populations ``"exc"``, whose positions are the directions in degrees, and ``"inh"``.

    Notes
    -----
    The published values are at the edge of two instabilities. Without a cue, cells fire at 3 Hz in the second second,
    then faster, and after 5 to 10 s a bump arises somewhere by itself. The paper's own equations do the same, and the
    code of Wang's laboratory tells of it. With ``g_ee=0.37, j_plus=1.8`` both states last: 1 Hz without a cue, 28 Hz in
    the bump.

    Deviations from the paper: the gates of NMDA receptors are short-term depression, which is nearly the same (the mean
    of a gate is off by less than 0.3 %, see ``networks/gating.py``). Potentials start anywhere between reset and
    threshold, with all gates closed. The cue's profile is that of the laboratory's code, and so is ``sigma_ee``, which
    is misprinted in the paper according to it. The paper's steps are of 0.02 ms.

    References
    ----------
    Compte A, Brunel N, Goldman-Rakic PS, Wang XJ (2000), Cereb Cortex 10:910-923.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import working_memory
    >>> net = working_memory(scale=0.25, cue=90.0, cue_onset=0.1, cue_offset=0.35)
    >>> near = SpikeMonitor(net["exc"][96:160])  # from 67.5 to 112.5 degrees
    >>> far = SpikeMonitor(net["exc"][352:416])
    >>> net.add(near, far)
    >>> report = net.run(0.6, dt=1e-4)
    >>> near.count > 2 * far.count
    True
    """
    n_exc, n_inh = scaled(N_EXC, scale), scaled(N_INH, scale)
    directions = np.arange(n_exc) * CIRCLE / n_exc
    nmda = saturating_nmda()
    ampa, gaba = ExpConductance(tau=2.0, e_rev=0.0), ExpConductance(tau=10.0, e_rev=-70.0)
    shared: dict[str, Any] = {
        "receptors": {"ampa": ampa, "nmda": nmda.receptor, "gaba": gaba},
        "initial": {"v": Uniform(CELL["v_reset"], CELL["v_th"])},
    }
    exc = Population(COBALIFNeuron, n_exc, EXC, "exc", positions=directions, **shared)
    inh = Population(COBALIFNeuron, n_inh, INH, "inh", **shared)
    open_gates: dict[str, Any] = {"receptor": "nmda", "plasticity": nmda.rule}
    everywhere: dict[str, Any] = {"topology": "all_to_all"}
    ring = DistanceDependent(Box(p=1.0, radius=CIRCLE), periodic=CIRCLE)
    footprint = _footprint(n_exc, g_ee / scale * nmda.weight, j_plus, sigma_ee)
    return Network(
        exc,
        inh,
        *(PoissonInput(len(one), nu_ext, G_EXT[one.label], target=one, receptor="ampa") for one in (exc, inh)),
        StepCurrent(cue_onset, cue_offset, cue_current * _bell(_apart(directions, cue), cue_width), target=exc),
        Projection(exc, exc, footprint, topology=ring, **open_gates),
        Projection(exc, inh, g_ei / scale * nmda.weight, **everywhere, **open_gates),
        Projection(inh, exc, g_ie / scale, receptor="gaba", **everywhere),
        Projection(inh, inh, g_ii / scale, receptor="gaba", **everywhere),
        seed=seed,
    )


def _apart(a: Any, b: Any) -> Any:
    """Of two directions, in degrees up to 180."""
    d = np.abs(a - b) % CIRCLE
    return np.minimum(d, CIRCLE - d)


def _bell(d: Any, width: float) -> Any:
    return np.exp(-0.5 * (d / width) ** 2)


def _footprint(n: int, mean: float, j_plus: float, sigma: float) -> OfDistance:
    """Weights by distance, of which a cell's mean is ``mean``."""
    bell = _bell(_apart(np.arange(n) * CIRCLE / n, 0.0), sigma)
    share = bell.mean()
    j_minus = (1.0 - j_plus * share) / (1.0 - share)
    weights = mean * (j_minus + (j_plus - j_minus) * bell)  # of the cells around the ring, looked up by their distance
    return OfDistance(lambda d: weights[np.rint(d * n / CIRCLE).astype(int)], weights.min(), weights.max())
