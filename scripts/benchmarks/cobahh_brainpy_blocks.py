"""COBAHH put together from BrainPy's building blocks, as its documentation does; measured by ``cobahh_brainpy.py``."""

from __future__ import annotations

from typing import Any

V_T = -63.0  # mV


def make_network(n: int) -> Any:
    """Cells and two projections as a BrainPy system, whose update returns which cells fire."""
    import brainpy as bp
    import brainpy.math as bm

    class Cells(bp.dyn.NeuDyn):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(n)
            self.V, self.m, self.h, self.k = (bm.Variable(bm.zeros(n)) for _ in range(4))
            self.spike = bm.Variable(bm.zeros(n, dtype=bool))
            self.integral = bp.odeint(bp.JointEq(self.dv, self.dm, self.dh, self.dn), method="exp_auto")

        def dv(self, v: Any, t: Any, m: Any, h: Any, k: Any) -> Any:
            synapses = self.sum_current_inputs(v)
            return synapses + 100.0 * m**3 * h * (50.0 - v) + 30.0 * k**4 * (-90.0 - v) + 0.05 * (-60.0 - v)

        def dm(self, m: Any, t: Any, v: Any) -> Any:
            alpha = 0.32 * (13.0 - v + V_T) / (bm.exp((13.0 - v + V_T) / 4.0) - 1.0)
            beta = 0.28 * (v - V_T - 40.0) / (bm.exp((v - V_T - 40.0) / 5.0) - 1.0)
            return alpha * (1.0 - m) - beta * m

        def dh(self, h: Any, t: Any, v: Any) -> Any:
            alpha = 0.128 * bm.exp((17.0 - v + V_T) / 18.0)
            return alpha * (1.0 - h) - 4.0 / (1.0 + bm.exp((40.0 - v + V_T) / 5.0)) * h

        def dn(self, k: Any, t: Any, v: Any) -> Any:
            alpha = 0.032 * (15.0 - v + V_T) / (bm.exp((15.0 - v + V_T) / 5.0) - 1.0)
            return alpha * (1.0 - k) - 0.5 * bm.exp((10.0 - v + V_T) / 40.0) * k

        def update(self) -> Any:
            v, m, h, k = self.integral(self.V, self.m, self.h, self.k, bp.share["t"], dt=bp.share["dt"])
            self.spike.value = bm.logical_and(self.V < -20.0, v >= -20.0)
            self.V.value, self.m.value, self.h.value, self.k.value = v, m, h, k
            return self.spike.value

    class Network(bp.DynSysGroup):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.n_exc, self.cells = n * 4 // 5, Cells()
            self.exc = self.project(self.n_exc, 0.03, 5.0, 0.0)
            self.inh = self.project(n - self.n_exc, 0.335, 10.0, -80.0)

        def project(self, n_source: int, weight: float, tau: float, reversal: float) -> Any:
            pairs = bp.conn.FixedProb(min(1.0, 80 / n), pre=n_source, post=n)
            return bp.dyn.ProjAlignPostMg1(
                comm=bp.dnn.EventCSRLinear(pairs, weight),
                syn=bp.dyn.Expon.desc(n, tau=tau),
                out=bp.dyn.COBA.desc(E=reversal),
                post=self.cells,
            )

        def restart(self) -> None:
            cells = self.cells
            for state in (cells.m, cells.h, cells.k):
                state.value = bm.zeros(n)
            cells.spike.value = bm.zeros(n, dtype=bool)
            cells.V.value = -65.0 + 5.0 * bm.random.randn(n)
            for projection, mean, sd in ((self.exc, 4.0, 1.5), (self.inh, 20.0, 12.0)):
                projection.refs["syn"].g.value = 0.05 * (mean + sd * bm.random.randn(n))

        def update(self) -> Any:
            self.exc(self.cells.spike[: self.n_exc])
            self.inh(self.cells.spike[self.n_exc :])
            return self.cells()

    return Network()
