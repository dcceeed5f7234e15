"""Two variables that show how spiking begins."""

from __future__ import annotations

from ...declarations import Parameter, State
from ...kernels.vmath import exp
from ..model import NeuronModel
from ..spiking import PER_AREA, UpwardCrossing


class MorrisLecarNeuron(NeuronModel):
    r"""Morris and Lecar's barnacle muscle fibre in two variables, with the parameters of Rinzel and Ermentrout.

    .. math::

        C \dot v &= -g_{Ca} m_\infty(v) (v - E_{Ca}) - g_K w (v - E_K) - g_L (v - E_L) + i - g v

        \dot w &= \phi \cosh\frac{v - v_3}{2 v_4} (w_\infty(v) - w)

    with :math:`m_\infty = (1 + \tanh((v - v_1) / v_2)) / 2` and :math:`w_\infty = (1 + \tanh((v - v_3) / v_4)) / 2`.
    A spike is an upward crossing of 0 mV.

    Four parameters choose the bifurcation by which firing begins as the current rises. ``MorrisLecarNeuron.types`` has
    them by name: ``Population(MorrisLecarNeuron, 10, params=MorrisLecarNeuron.types["SNLC"])``.

    ============== ======== ====== ====== ======= ==========================================================
    type           ``g_ca`` ``v3`` ``v4`` ``phi`` firing begins
    ============== ======== ====== ====== ======= ==========================================================
    ``Hopf``       4.4      2      30     0.04    at 8.7 Hz; rest and firing coexist, 88.5 to 93.86 uA/cm2
    ``SNLC``       4        12     17.4   0.067   at any low rate, from 39.96 uA/cm2 (type I)
    ``homoclinic`` 4        12     17.4   0.23    where rest and firing coexist, 35.1 to 39.96 uA/cm2
    ============== ======== ====== ====== ======= ==========================================================

    Parameters (units): ``c_m`` 20 uF/cm2; ``g_ca``, ``g_k`` 8, ``g_l`` 2 mS/cm2; ``e_ca`` 120, ``e_k`` -84, ``e_l``
    -60, ``v1`` -1.2, ``v2`` 18, ``v3``, ``v4`` mV; ``phi`` per ms. The defaults are those of ``Hopf``. States: ``v``
    (mV) and the gate ``w`` of the potassium channels, which start at rest, near -60.9 mV.

    References
    ----------
    Morris C, Lecar H (1981), Biophys J 35:193-213; Rinzel J, Ermentrout GB (1998), in Koch and Segev (eds.), Methods in
    Neuronal Modeling, 2nd ed., 251-291; Ermentrout GB, Terman DH (2010), Mathematical Foundations of Neuroscience,
    table 3.1.

    Examples
    --------
    >>> from neurocore_nb import MorrisLecarNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(MorrisLecarNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 1.0, 120.0), spikes).run(1.0, dt=1e-4)
    >>> spikes.count
    14
    """

    types = {
        "Hopf": {"g_ca": 4.4, "v3": 2.0, "v4": 30.0, "phi": 0.04},
        "SNLC": {"g_ca": 4.0, "v3": 12.0, "v4": 17.4, "phi": 0.067},
        "homoclinic": {"g_ca": 4.0, "v3": 12.0, "v4": 17.4, "phi": 0.23},
    }
    """Parameters of each type."""

    units = PER_AREA
    states = {"v": State(-60.85538223231, "mV"), "w": State(0.014915024954, "(a fraction)", 0.0, 1.0)}
    parameters = {
        "c_m": Parameter(20.0, "uF/cm2", above=0.0),
        "g_ca": Parameter(4.4, "mS/cm2", low=0.0),
        "g_k": Parameter(8.0, "mS/cm2", low=0.0),
        "g_l": Parameter(2.0, "mS/cm2", above=0.0),
        "e_ca": Parameter(120.0, "mV"),
        "e_k": Parameter(-84.0, "mV"),
        "e_l": Parameter(-60.0, "mV"),
        "v1": Parameter(-1.2, "mV"),
        "v2": Parameter(18.0, "mV", above=0.0),
        "v3": Parameter(2.0, "mV"),
        "v4": Parameter(30.0, "mV", above=0.0),
        "phi": Parameter(0.04, "1/ms", above=0.0),
    }
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.02
    rate_factor = "phi"

    @staticmethod
    def rates(v, v3, v4):  # type: ignore[no-untyped-def]
        """Opening and closing rates, before phi: cosh(u / 2) times the steady states of open and closed channels."""
        u = (v - v3) / v4
        cosh = 0.5 * (exp(0.5 * u) + exp(-0.5 * u))
        return {"w": (cosh / (1.0 + exp(-2.0 * u)), cosh / (1.0 + exp(2.0 * u)))}

    @staticmethod
    def currents(v, w, g_ca, g_k, g_l, e_ca, e_k, e_l, v1, v2):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        m = 1.0 / (1.0 + exp(-2.0 * (v - v1) / v2))
        return [(g_ca * m, e_ca), (g_k * w, e_k), (g_l, e_l)]
