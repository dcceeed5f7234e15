"""Classes of cortical neurons as one model with several sets of parameters."""

from __future__ import annotations

from ...declarations import Parameter, State
from ...kernels.vmath import exp, exprel
from ..model import NeuronModel
from ..spiking import PER_AREA, UpwardCrossing

_ALL = {"g_k": 5.0, "g_m": 0.03, "g_cal": 0.0, "g_cat": 0.0, "g_l": 0.01, "e_l": -85.0}


class PospischilNeuron(NeuronModel):
    r"""Pospischil and colleagues' minimal models of cortical neurons: regular, fast, bursting and rebounding ones.

    .. math::

        C \dot v = {}&-\bar g_{Na} m^3 h (v - E_{Na}) - (\bar g_K n^4 + \bar g_M p) (v - E_K)

        &- (\bar g_{CaL} q^2 r + \bar g_{CaT} s_\infty^2 u) (v - E_{Ca}) - g_L (v - E_L) + i - g v

    Sodium and potassium currents are those of Traub and Miles, shifted by ``v_t``. The slow potassium current M makes
    firing adapt, the high-threshold calcium current L makes bursts, and the low-threshold calcium current T, whose
    activation s follows v at once, makes spikes after hyperpolarization. A spike is an upward crossing of 0 mV.

    Conductances choose the class. ``PospischilNeuron.types`` has them by name, to be used as they are or changed:
    ``Population(PospischilNeuron, 10, params=PospischilNeuron.types["FS"] | {"e_l": -65.0})``.

    ======= =========================== ======= ======= ========= ========= ======= =======
    type    fires                       ``g_k`` ``g_m`` ``g_cal`` ``g_cat`` ``g_l`` ``e_l``
    ======= =========================== ======= ======= ========= ========= ======= =======
    ``RS``  ever slower                 5       0.07    0         0         0.1     -70
    ``FS``  regularly and fast          10      0       0         0         0.15    -70
    ``IB``  a burst, then single spikes 5       0.03    0.17      0         0.01    -85
    ``LTS`` after hyperpolarization too 5       0.03    0         0.4       0.01    -85
    ======= =========================== ======= ======= ========= ========= ======= =======

    Parameters (units): ``c_m`` 1 uF/cm2; ``g_na`` 50, ``g_k``, ``g_m``, ``g_cal``, ``g_cat``, ``g_l`` mS/cm2; ``e_na``
    50, ``e_k`` -100, ``e_ca`` 120, ``e_l``, ``v_t`` -55 mV; ``v_x`` 2 mV, a shift of the current T; ``tau_max`` 1000
    ms, the longest time constant of the current M. The defaults are those of ``RS``. States: ``v`` (mV) and the gates
    ``m``, ``h``, ``n``, ``p``, ``q``, ``r`` and ``u``, which start at the rest of ``RS``, near -70.6 mV; other types
    take a second or so to reach theirs.

    Notes
    -----
    The types are the cells of the authors' programs (ModelDB 123623), with their reversal potential of potassium, and
    with calcium at a fixed reversal potential as in the paper. Areas of these cells are 29,000 um2 (``FS``: 14,000),
    so that 1 nA is 3.45 (7.09) uA/cm2. With ``g_cal`` 0.22 the burst of ``IB`` is longer, and others follow.

    References
    ----------
    Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Frégnac Y, Markram H, Destexhe A (2008), Biol Cybern
    99:427-441.

    Examples
    --------
    >>> from neurocore_nb import Network, Population, PospischilNeuron, SpikeMonitor, StepCurrent
    >>> cell = Population(PospischilNeuron, 1, params=PospischilNeuron.types["FS"])
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 5.0), spikes).run(0.2, dt=1e-4)
    >>> spikes.count
    17
    """

    types = {
        "RS": _ALL | {"g_m": 0.07, "g_l": 0.1, "e_l": -70.0},
        "FS": _ALL | {"g_k": 10.0, "g_m": 0.0, "g_l": 0.15, "e_l": -70.0},
        "IB": _ALL | {"g_cal": 0.17},
        "LTS": _ALL | {"g_cat": 0.4},
    }
    """Parameters of each type."""

    units = PER_AREA
    states = {
        "v": State(-70.57123320960, "mV"),
        "m": State(4.646477242e-04, "(a fraction)", 0.0, 1.0),
        "h": State(0.9999237757838, "(a fraction)", 0.0, 1.0),
        "n": State(2.2826645027e-03, "(a fraction)", 0.0, 1.0),
        "p": State(0.02772987498368, "(a fraction)", 0.0, 1.0),
        "q": State(3.466527676e-05, "(a fraction)", 0.0, 1.0),
        "r": State(0.6479415399780, "(a fraction)", 0.0, 1.0),
        "u": State(0.04281157728868, "(a fraction)", 0.0, 1.0),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_na": Parameter(50.0, "mS/cm2", low=0.0),
        "g_k": Parameter(5.0, "mS/cm2", low=0.0),
        "g_m": Parameter(0.07, "mS/cm2", low=0.0),
        "g_cal": Parameter(0.0, "mS/cm2", low=0.0),
        "g_cat": Parameter(0.0, "mS/cm2", low=0.0),
        "g_l": Parameter(0.1, "mS/cm2", above=0.0),
        "e_na": Parameter(50.0, "mV"),
        "e_k": Parameter(-100.0, "mV"),
        "e_ca": Parameter(120.0, "mV"),
        "e_l": Parameter(-70.0, "mV"),
        "v_t": Parameter(-55.0, "mV"),
        "v_x": Parameter(2.0, "mV"),
        "tau_max": Parameter(1000.0, "ms", above=0.0),
    }
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.01

    @staticmethod
    def rates(v, v_t, v_x, tau_max):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms."""
        a = v - v_t
        x = v + v_x
        # float: as fractions, their products with others would leave the range of single precision
        p_inf = float(1.0 / (1.0 + exp(-(v + 35.0) / 10.0)))
        rate_p = (3.3 * exp((v + 35.0) / 20.0) + exp(-(v + 35.0) / 20.0)) / tau_max
        tau_u = float(30.8 + (211.4 + exp((x + 113.2) / 5.0)) / (1.0 + exp((x + 84.0) / 3.2))) / 3.7
        return {
            "m": (1.28 / exprel((13.0 - a) / 4.0), 1.4 / exprel((a - 40.0) / 5.0)),
            "h": (0.128 * exp((17.0 - a) / 18.0), 4.0 / (1.0 + exp((40.0 - a) / 5.0))),
            "n": (0.16 / exprel((15.0 - a) / 5.0), 0.5 * exp((10.0 - a) / 40.0)),
            "p": (p_inf * rate_p, (1.0 - p_inf) * rate_p),
            "q": (0.055 * 3.8 / exprel(-(v + 27.0) / 3.8), 0.94 * exp(-(v + 75.0) / 17.0)),
            "r": (0.000457 * exp(-(v + 13.0) / 50.0), 0.0065 / (1.0 + exp(-(v + 15.0) / 28.0))),
            "u": (1.0 / (tau_u * (1.0 + exp((x + 81.0) / 4.0))), 1.0 / (tau_u * (1.0 + exp(-(x + 81.0) / 4.0)))),
        }

    @staticmethod
    def currents(v, m, h, n, p, q, r, u, g_na, g_k, g_m, g_cal, g_cat, g_l, e_na, e_k, e_ca, e_l, v_x):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        s = 1.0 / (1.0 + exp(-(v + v_x + 57.0) / 6.2))
        calcium = g_cal * q**2 * r + g_cat * s**2 * u
        return [(g_na * m**3 * h, e_na), (g_k * n**4 + g_m * p, e_k), (calcium, e_ca), (g_l, e_l)]
