"""The quadratic integrate-and-fire neuron, and the exact solution of its equation."""

from __future__ import annotations

from typing import Any

from ...declarations import Parameter, State
from ..model import NeuronModel
from ..spiking import PER_CELL, Level


def parabola(x: Any, a: Any, b: Any) -> Any:
    r"""The exact solution of ``dx/dt = a x**2 + b`` after a time of 1, for ``a > 0``.

    With :math:`s = \sqrt{ab}` it is the fraction
    :math:`(x \cos s + b \frac{\sin s}{s}) / (\cos s - a x \frac{\sin s}{s})`, whose denominator passes 0 as x runs to
    infinity; hyperbolic functions take their place where b is negative. Sine and cosine are those of twice the angle
    ``s / 2``, whose tangent is a fraction of polynomials: Pade's, with an error of about :math:`(s / 8)^8` of it.
    Whatever that error, x stays at the zeros of the parabola, and doesn't pass them.

    Parameters
    ----------
    x, a, b : float64

    Returns
    -------
    float64
        1e9 where x has run to infinity.
    """
    q = min(0.25 * a * b, 2.25)  # (s / 2)**2; beyond, infinity is passed in each substep
    tangent = (105.0 - 10.0 * q) / (105.0 + (q - 45.0) * q)  # of s / 2, divided by it
    cosine = 1.0 - q * tangent * tangent  # of s, and below its sine divided by it, both times the same factor
    remaining = cosine - a * x * tangent
    return (cosine * x + b * tangent) / max(remaining, 1e-9) if remaining > 0.0 else 1e9


class QuadraticIFNeuron(NeuronModel):
    r"""Quadratic integrate-and-fire neuron, the normal form of cells that begin to fire at low rates.

    .. math:: C \dot v = \frac{g_L}{v_t - v_r} (v - v_r) (v - v_t) + i_e + i - g v

    Where v reaches ``v_peak``, the neuron fires and v is set to ``v_reset``. Between spikes the solution is exact for
    input that is constant for a substep.

    Parameters (units): ``c_m`` 100 pF; ``g_l`` 10 nS, the conductance at rest; ``v_r`` -65, the potential at rest,
    ``v_t`` -50, beyond which v runs away, ``v_peak`` 20, ``v_reset`` -80 mV; ``i_e`` 0 pA, a constant current. State:
    ``v`` (mV), which starts at -65.

    Notes
    -----
    The paper has a time constant of 10 ms and currents in mV, which 100 pF and 10 nS turn into pA. With the peak at
    infinity and the reset at minus infinity this is the theta neuron (Ermentrout and Kopell 1986) with
    :math:`v = (v_r + v_t + (v_t - v_r) \tan \frac{\theta}{2}) / 2`, and the rate is
    :math:`\frac{1}{\pi C} \sqrt{g_L (I - I_\infty) / (v_t - v_r)}`, with the rheobase
    :math:`I_\infty = g_L (v_t - v_r) / 4` of 37.5 pA.

    References
    ----------
    Latham PE, Richmond BJ, Nelson PG, Nirenberg S (2000), J Neurophysiol 83:808-827; Ermentrout GB, Kopell N (1986),
    SIAM J Appl Math 46:233-253.

    Examples
    --------
    >>> from neurocore_nb import Network, Population, QuadraticIFNeuron, SpikeMonitor, StepCurrent
    >>> cell = Population(QuadraticIFNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.1, 200.0), spikes).run(0.1)
    >>> spikes.count
    4
    """

    units = PER_CELL
    states = {"v": State(-65.0, "mV")}
    parameters = {
        "c_m": Parameter(100.0, "pF", above=0.0),
        "g_l": Parameter(10.0, "nS", above=0.0),
        "v_r": Parameter(-65.0, "mV"),
        "v_t": Parameter(-50.0, "mV"),
        "v_peak": Parameter(20.0, "mV"),
        "v_reset": Parameter(-80.0, "mV"),
        "i_e": Parameter(0.0, "pA"),
    }
    spike = Level("v", "v_peak")
    max_step = 0.01

    @staticmethod
    def derive(dt: Any, c_m: Any, g_l: Any, v_r: Any, v_t: Any, i_e: Any) -> dict[str, Any]:
        """The parabola: its place, what a conductance moves it by, its depth as a current, and its curvature."""
        width = v_t - v_r
        return {
            "middle": 0.5 * (v_r + v_t),
            "per_g": 0.5 * width / g_l,
            "i_l": i_e - 0.25 * g_l * width,
            "dt_over_c": dt / c_m,
            "curvature": g_l / width * dt / c_m,
        }

    @staticmethod
    def update(v, i, g, middle, per_g, i_l, v_peak, curvature, dt_over_c):  # type: ignore[no-untyped-def]
        """One substep: a conductance moves the parabola to the right, and down."""
        bottom = middle + per_g * g
        lift = (i + i_l - 0.5 * g * (middle + bottom)) * dt_over_c
        return min(bottom + parabola(v - bottom, curvature, lift), v_peak)

    @staticmethod
    def reset(v_reset):  # type: ignore[no-untyped-def]
        """After a spike."""
        return v_reset
