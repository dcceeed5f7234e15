"""Slow, obvious learning rules for one synapse: what the package's plasticity must agree with.

It shares no code with the package and nothing is lazy: each step is visited, and each trace is the sum over all spikes
that came before. Times are whole steps; time constants are in ms.

What happens when, as in NEST with all of the delay in the dendrite:

- A presynaptic spike of step k acts on the synapse at step k, a postsynaptic one at step k + delay, a reward at its own
  step.
- In one step, postsynaptic spikes act first. Of the other side, a spike sees what acted in earlier steps only; of its
  own side, all that came before it, in its step too (a number given twice means two spikes).
- After each of these events the weight is clipped to [w_min, w_max].
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Past:
    """What has acted on the synapse so far: steps, and (step, size) of the jumps of eligibility."""

    dt_ms: float
    w0: float
    pre: list[int] = field(default_factory=list)
    post: list[int] = field(default_factory=list)
    rewards: list[int] = field(default_factory=list)
    jumps: list[tuple[int, float]] = field(default_factory=list)

    def decay(self, n_steps, tau):
        """What is left after some steps of a variable that decays."""
        return math.exp(-n_steps * self.dt_ms / tau)

    def trace(self, events, step, tau, pairing="all_to_all"):
        """Sum over events that came before, or the last of them alone."""
        if pairing == "nearest":
            events = events[-1:]
        return math.fsum(self.decay(step - one, tau) for one in events)

    def pre_trace(self, step, tau, pairing="all_to_all"):
        """Trace of presynaptic spikes of earlier steps, as a postsynaptic spike sees it."""
        return self.trace([one for one in self.pre if one < step], step, tau, pairing)

    def post_trace(self, step, tau, pairing="all_to_all"):
        """Trace of postsynaptic spikes of earlier steps, as a presynaptic spike sees it."""
        return self.trace([one for one in self.post if one < step], step, tau, pairing)


@dataclass(frozen=True)
class Rule:
    """A rule that does nothing; ``on_pre`` and ``on_post`` give the weight after a spike, not yet clipped."""

    w_min: float = 0.0
    w_max: float = math.inf

    def on_pre(self, w, step, past):
        return w

    def on_post(self, w, step, past):
        return w

    def drift(self, w, step, past):
        """The weight at a step, from that just after all events of the step before."""
        return w

    def acting(self, w, past):
        """The weight with which the latest presynaptic spike acts on the neuron."""
        return w

    def clip(self, w):
        return min(max(w, self.w_min), self.w_max)


@dataclass(frozen=True)
class STDP(Rule):
    """Pairs of spikes: Song, Miller and Abbott 2000 (mu 0, the default), Gütig et al. 2003 (mu between 0 and 1)."""

    w_max: float = 1.0
    a_plus: float = 0.005
    a_minus: float = 0.00525
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0
    pairing: str = "all_to_all"

    def on_pre(self, w, step, past):
        y = past.post_trace(step, self.tau_minus, self.pairing)
        return w - self.a_minus * self.w_max * (w / self.w_max) ** self.mu_minus * y

    def on_post(self, w, step, past):
        x = past.pre_trace(step, self.tau_plus, self.pairing)
        return w + self.a_plus * self.w_max * (1.0 - w / self.w_max) ** self.mu_plus * x


@dataclass(frozen=True)
class PowerLawSTDP(Rule):
    """Pairs of spikes, potentiation by a power of the weight: Morrison, Aertsen and Diesmann 2007, w_ref their w_0."""

    a_plus: float = 0.01
    a_minus: float = 0.011
    mu: float = 0.4
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    w_ref: float = 1.0

    def on_pre(self, w, step, past):
        return w * (1.0 - self.a_minus * past.post_trace(step, self.tau_minus))

    def on_post(self, w, step, past):
        return w + self.a_plus * self.w_ref ** (1.0 - self.mu) * w**self.mu * past.pre_trace(step, self.tau_plus)


@dataclass(frozen=True)
class TripletSTDP(Rule):
    """Triplets of spikes: Pfister and Gerstner 2006; by default their full all-to-all fit to visual cortex."""

    a2_plus: float = 5e-10
    a3_plus: float = 6.2e-3
    a2_minus: float = 7e-3
    a3_minus: float = 2.3e-4
    tau_plus: float = 16.8
    tau_minus: float = 33.7
    tau_x: float = 101.0
    tau_y: float = 125.0
    w_ref: float | None = None
    pairing: str = "all_to_all"

    def reference(self, w0):
        """What the amplitudes are fractions of: the initial weight unless told otherwise."""
        return w0 if self.w_ref is None else self.w_ref

    def on_pre(self, w, step, past):
        o1 = past.post_trace(step, self.tau_minus, self.pairing)
        r2 = past.trace(past.pre, step, self.tau_x, self.pairing)
        return w - self.reference(past.w0) * o1 * (self.a2_minus + self.a3_minus * r2)

    def on_post(self, w, step, past):
        r1 = past.pre_trace(step, self.tau_plus, self.pairing)
        o2 = past.trace(past.post, step, self.tau_y, self.pairing)
        return w + self.reference(past.w0) * r1 * (self.a2_plus + self.a3_plus * o2)


@dataclass(frozen=True)
class InhibitorySTDP(Rule):
    """Inhibition that balances excitation: Vogels et al. 2011; rho_0 in Hz, eta in units of the weight."""

    eta: float = 0.005
    rho_0: float = 3.0
    tau: float = 20.0

    @property
    def alpha(self):
        """Depression at each presynaptic spike, in units of eta."""
        return 2.0 * self.rho_0 * self.tau * 1e-3

    def on_pre(self, w, step, past):
        return w + self.eta * (past.post_trace(step, self.tau) - self.alpha)

    def on_post(self, w, step, past):
        return w + self.eta * past.pre_trace(step, self.tau)


@dataclass(frozen=True)
class RewardSTDP(Rule):
    """Eligibility e and reward signal n, dw/dt = e (n - b): Izhikevich 2007, Potjans et al. 2010."""

    w_max: float = 1.0
    a_plus: float = 0.005
    a_minus: float = 0.00525
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    tau_e: float = 1000.0
    tau_n: float = 200.0
    b: float = 0.0

    def on_pre(self, w, step, past):
        past.jumps.append((step, -self.a_minus * past.post_trace(step, self.tau_minus)))
        return w

    def on_post(self, w, step, past):
        past.jumps.append((step, self.a_plus * past.pre_trace(step, self.tau_plus)))
        return w

    def eligibility(self, step, past):
        return math.fsum(size * past.decay(step - one, self.tau_e) for one, size in past.jumps)

    def signal(self, step, past):
        return past.trace(past.rewards, step, self.tau_n) / self.tau_n

    def drift(self, w, step, past):
        e, n = self.eligibility(step - 1, past), self.signal(step - 1, past)
        tau_both = 1.0 / (1.0 / self.tau_e + 1.0 / self.tau_n)
        rewarded = n * tau_both * (1.0 - past.decay(1, tau_both))
        return w + e * (rewarded - self.b * self.tau_e * (1.0 - past.decay(1, self.tau_e)))


@dataclass(frozen=True)
class TsodyksMarkram(Rule):
    """Short-term depression and facilitation: Markram, Wang and Tsodyks 1998; tau_fac 0: no facilitation."""

    U: float = 0.5
    tau_rec: float = 800.0
    tau_fac: float = 0.0

    def acting(self, w, past):
        u, r = self.U, 1.0
        for before, now in zip(past.pre, past.pre[1:], strict=False):
            r = 1.0 + (r - r * u - 1.0) * past.decay(now - before, self.tau_rec)
            left = past.decay(now - before, self.tau_fac) if self.tau_fac > 0.0 else 0.0
            u = self.U + u * (1.0 - self.U) * left
        return w * u * r


def run(rule, pre_steps, post_steps, delay, dt_ms, w0, n_steps, reward_steps=(), return_acting=False):
    """Weight of a synapse after all that acts at the steps 0 to ``n_steps``, this last one included.

    Parameters
    ----------
    rule : Rule
        One of the rules of this module.
    pre_steps, post_steps, reward_steps : sequence of int
        Steps of spikes, in any order; a step given twice means two spikes.
    delay : int
        Steps after which a postsynaptic spike acts.
    dt_ms : float
        A step, in ms.
    w0 : float
        Initial weight.
    n_steps : int
        Last step. Where a spike at the time ``k * dt`` is one of step k, a run lasts ``n_steps * dt``.
    return_acting : bool
        Whether to return the weights with which the presynaptic spikes acted, too.

    Returns
    -------
    float or (float, list of (step, weight))
        The final weight, and for each presynaptic spike the weight after its own update.
    """
    past, w, acting = Past(dt_ms, w0), w0, []
    pre_steps, post_steps, reward_steps = list(pre_steps), list(post_steps), list(reward_steps)
    for step in range(n_steps + 1):
        w = rule.drift(w, step, past)
        for _ in range(post_steps.count(step - delay)):
            w = rule.clip(rule.on_post(w, step, past))
            past.post.append(step)
        for _ in range(pre_steps.count(step)):
            w = rule.clip(rule.on_pre(w, step, past))
            past.pre.append(step)
            acting.append((step, rule.acting(w, past)))
        for _ in range(reward_steps.count(step)):
            w = rule.clip(w)
            past.rewards.append(step)
    w = rule.clip(w)
    return (w, acting) if return_acting else w


# Closed forms, for weights that meet no bound. Spike times in ms, those of postsynaptic spikes when they act.


def pair_window(lag_ms, rule, w):
    """Change of a weight w by one pair of spikes, the postsynaptic one ``lag_ms`` after the other."""
    if lag_ms > 0.0:
        return rule.w_max * rule.a_plus * (1.0 - w / rule.w_max) ** rule.mu_plus * math.exp(-lag_ms / rule.tau_plus)
    if lag_ms < 0.0:
        return -rule.w_max * rule.a_minus * (w / rule.w_max) ** rule.mu_minus * math.exp(lag_ms / rule.tau_minus)
    return 0.0


def power_law_pair(lag_ms, rule, w):
    """The same for a rule with a power law."""
    if lag_ms > 0.0:
        return rule.a_plus * rule.w_ref * (w / rule.w_ref) ** rule.mu * math.exp(-lag_ms / rule.tau_plus)
    return -rule.a_minus * w * math.exp(lag_ms / rule.tau_minus) if lag_ms < 0.0 else 0.0


def power_law_rest(rule):
    """The weight at which potentiation and depression by pairs that come by chance are equal."""
    ratio = rule.a_plus * rule.tau_plus / (rule.a_minus * rule.tau_minus)
    return rule.w_ref * ratio ** (1.0 / (1.0 - rule.mu))


def pair_sum(rule, pre_ms, post_ms):
    """Change by two trains: in an additive rule each pair counts for itself."""
    return math.fsum(pair_window(post - pre, rule, 0.5 * rule.w_max) for pre in pre_ms for post in post_ms)


def triplet_sum(rule, pre_ms, post_ms):
    """Change by two trains in units of w_ref: all pairs and triplets (Pfister and Gerstner 2006, equations 3 and 4)."""
    total = 0.0
    for post in post_ms:
        for pre in (one for one in pre_ms if one < post):
            pair = math.exp((pre - post) / rule.tau_plus)
            earlier = math.fsum(math.exp((one - post) / rule.tau_y) for one in post_ms if one < post)
            total += pair * (rule.a2_plus + rule.a3_plus * earlier)
    for pre in pre_ms:
        for post in (one for one in post_ms if one < pre):
            pair = math.exp((post - pre) / rule.tau_minus)
            earlier = math.fsum(math.exp((one - pre) / rule.tau_x) for one in pre_ms if one < pre)
            total -= pair * (rule.a2_minus + rule.a3_minus * earlier)
    return total


def post_pre_post(rule, lag_1_ms, lag_2_ms):
    """Change in units of w_ref by a post-, a pre- and a postsynaptic spike with these lags between them."""
    depression = math.exp(-lag_1_ms / rule.tau_minus) * rule.a2_minus
    second = math.exp(-(lag_1_ms + lag_2_ms) / rule.tau_y)
    return math.exp(-lag_2_ms / rule.tau_plus) * (rule.a2_plus + rule.a3_plus * second) - depression


def pre_post_pre(rule, lag_1_ms, lag_2_ms):
    """Change in units of w_ref by a pre-, a post- and a presynaptic spike with these lags between them."""
    potentiation = math.exp(-lag_1_ms / rule.tau_plus) * rule.a2_plus
    second = math.exp(-(lag_1_ms + lag_2_ms) / rule.tau_x)
    return potentiation - math.exp(-lag_2_ms / rule.tau_minus) * (rule.a2_minus + rule.a3_minus * second)


def inhibitory_sum(rule, pre_ms, post_ms):
    """Change by two trains: a symmetric window, and a constant depression for each presynaptic spike."""
    pairs = math.fsum(math.exp(-abs(post - pre) / rule.tau) for pre in pre_ms for post in post_ms if post != pre)
    return rule.eta * (pairs - rule.alpha * len(pre_ms))


def distal_reward(rule, jump, wait_ms):
    """Change in infinite time by one jump of eligibility and one reward ``wait_ms`` later (b = 0)."""
    return jump * math.exp(-wait_ms / rule.tau_e) * rule.tau_e / (rule.tau_e + rule.tau_n)


def regular_train(rule, interval_ms):
    """u and R to which a train of equal intervals leads short-term plasticity (tau_fac above 0)."""
    recovered, facilitated = math.exp(-interval_ms / rule.tau_rec), math.exp(-interval_ms / rule.tau_fac)
    u = rule.U / (1.0 - (1.0 - rule.U) * facilitated)
    return u, (1.0 - recovered) / (1.0 - (1.0 - u) * recovered)
