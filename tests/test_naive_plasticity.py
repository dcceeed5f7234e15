"""The naive learning rules against closed forms, a solver of differential equations, and published fits."""

import math

import naive_plasticity as naive
import numpy as np
import pytest
from scipy.integrate import solve_ivp

DT = 0.5  # ms
HIPPOCAMPUS = {
    "a2_plus": 6.1e-3, "a3_plus": 6.7e-3, "a2_minus": 1.6e-3, "a3_minus": 1.4e-3, "tau_x": 946.0, "tau_y": 27.0,
}  # fmt: skip


def trains(seed, delay, n=40, n_steps=2000):
    """Two random trains of steps; every fifth spike acts together with one of the other side."""
    rng = np.random.default_rng(seed)
    pre, post = rng.integers(delay, n_steps, (2, n))
    post[::5] = pre[::5] - delay
    return sorted(pre.tolist()), sorted(post.tolist())


def repeated(train):
    """The train with two spikes in a step instead of one, at some steps."""
    return sorted(train + train[::7])


def in_ms(steps, delay=0):
    return [(step + delay) * DT for step in steps]


def changed(rule, pre, post, delay=0, w0=0.5, n_steps=2100, **options):
    return naive.run(rule, pre, post, delay, DT, w0, n_steps, **options) - w0


@pytest.mark.parametrize("mu", [0.0, 0.02, 1.0])
@pytest.mark.parametrize("lag", [-60, -1, 0, 1, 60])
def test_a_pair_follows_the_window(lag, mu):
    rule = naive.STDP(mu_plus=mu, mu_minus=mu, tau_plus=17.0, tau_minus=34.0, w_max=2.0)
    expected = naive.pair_window(lag * DT, rule, 0.7)
    assert changed(rule, [100], [100 + lag], w0=0.7) == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert (expected == 0.0) == (lag == 0)


@pytest.mark.parametrize("lag", [-60, -1, 0, 1, 60])
def test_a_pair_follows_the_power_law(lag):
    rule = naive.PowerLawSTDP(a_plus=0.1, a_minus=0.005, tau_plus=15.0, tau_minus=30.0)
    expected = naive.power_law_pair(lag * DT, rule, 45.0)
    assert changed(rule, [100], [100 + lag], w0=45.0) == pytest.approx(expected, rel=1e-11, abs=0.0)
    assert (expected == 0.0) == (lag == 0)


def test_depression_by_a_power_law_keeps_a_part_of_the_weight():
    rule = naive.PowerLawSTDP(a_minus=0.1)
    expected = 45.0 * (1.0 - 0.1 * math.exp(-5.0 * DT / 20.0)) * (1.0 - 0.1 * math.exp(-8.0 * DT / 20.0)) ** 2
    assert naive.run(rule, [15, 18, 18], [10], 0, DT, 45.0, 100) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("delay", [0, 1, 7, 40])
def test_additive_pairs_add_up(delay):
    rule = naive.STDP(tau_minus=35.0)
    pre, post = map(repeated, trains(1, delay))
    expected = naive.pair_sum(rule, in_ms(pre), in_ms(post, delay))
    assert changed(rule, pre, post, delay) == pytest.approx(expected, rel=1e-12)
    assert changed(rule, pre, post, delay) != changed(rule, pre, post, delay + 1)


def test_nearest_spikes_pair_with_the_last_one_only():
    rule = naive.STDP(pairing="nearest")
    assert changed(rule, [10, 20], [25]) == pytest.approx(naive.pair_window(5 * DT, rule, 0.5), rel=1e-12)
    assert changed(rule, [25], [10, 20, 20]) == pytest.approx(naive.pair_window(-5 * DT, rule, 0.5), rel=1e-12)


def test_weights_stay_within_their_bounds():
    rule = naive.STDP(a_plus=0.5, a_minus=0.5, w_min=0.2, w_max=1.0)
    w, acting = naive.run(rule, [10, 12, 14], [11, 13], 0, DT, 0.9, 100, return_acting=True)
    assert acting == [(10, 0.9), (12, pytest.approx(1.0 - 0.5 * math.exp(-DT / 20.0))), (14, 0.2)]
    assert w == 0.2


def test_delayed_spikes_act_by_the_last_step_or_not_at_all():
    rule = naive.STDP()
    assert changed(rule, [10], [12], delay=5, n_steps=16) == 0.0
    assert changed(rule, [10], [12], delay=5, n_steps=17) == pytest.approx(naive.pair_window(7 * DT, rule, 0.5))


@pytest.mark.parametrize("delay", [0, 9])
@pytest.mark.parametrize("params", [{}, HIPPOCAMPUS], ids=["visual cortex", "hippocampus"])
def test_triplets_add_up(params, delay):
    rule = naive.TripletSTDP(**params)
    pre, post = (sorted(set(train)) for train in trains(2, delay))
    expected = 0.5 * naive.triplet_sum(rule, in_ms(pre), in_ms(post, delay))
    assert changed(rule, pre, post, delay) == pytest.approx(expected, rel=1e-12)


def test_single_triplets():
    rule = naive.TripletSTDP(w_ref=3.0, **HIPPOCAMPUS)
    expected = 3.0 * naive.post_pre_post(rule, 5.0, 10.0)
    assert changed(rule, [20], [10, 40]) == pytest.approx(expected, rel=1e-12)
    expected = 3.0 * naive.pre_post_pre(rule, 5.0, 10.0)
    assert changed(rule, [10, 40], [20]) == pytest.approx(expected, rel=1e-12)


def test_the_second_of_two_spikes_in_a_step_sees_the_first():
    rule = naive.TripletSTDP(w_ref=1.0, **HIPPOCAMPUS)
    pair = math.exp(-5.0 / rule.tau_plus)
    assert changed(rule, [10], [20, 20]) == pytest.approx(pair * (2.0 * rule.a2_plus + rule.a3_plus), rel=1e-12)
    pair = math.exp(-5.0 / rule.tau_minus)
    assert changed(rule, [20, 20], [10]) == pytest.approx(-pair * (2.0 * rule.a2_minus + rule.a3_minus), rel=1e-12)


# Sjöström, Turrigiano and Nelson 2001 as Pfister and Gerstner fitted them: (Hz, lag in ms): (mean, error).
VISUAL_CORTEX = {
    (0.1, 10.0): (-0.04, 0.05), (0.1, -10.0): (-0.29, 0.08),
    (10.0, 10.0): (0.14, 0.10), (10.0, -10.0): (-0.41, 0.11),
    (20.0, 10.0): (0.29, 0.14), (20.0, -10.0): (-0.34, 0.10),
    (40.0, 10.0): (0.53, 0.11), (40.0, -10.0): (0.56, 0.32),
    (50.0, 10.0): (0.56, 0.26), (50.0, -10.0): (0.75, 0.19),
}  # fmt: skip
FITS = {
    "all-to-all, full": {},
    "all-to-all, minimal": {"a2_plus": 0.0, "a3_plus": 6.5e-3, "a2_minus": 7.1e-3, "a3_minus": 0.0, "tau_y": 114.0},
    "nearest spike, full": {
        "a2_plus": 8.8e-11, "a3_plus": 5.3e-2, "a2_minus": 6.6e-3, "a3_minus": 3.1e-3, "tau_x": 714.0, "tau_y": 40.0,
        "pairing": "nearest",
    },
    "nearest spike, minimal": {
        "a2_plus": 0.0, "a3_plus": 5e-2, "a2_minus": 8e-3, "a3_minus": 0.0, "tau_y": 40.0, "pairing": "nearest",
    },
}  # fmt: skip


def misfit(rule, n_pairings):
    """Mean square of the distances from the data in units of their errors."""
    squares = []
    for (rate_hz, lag_ms), (mean, error) in VISUAL_CORTEX.items():
        step_ms = min(100.0 / rate_hz, 10.0) / 4.0  # divides both the interval and the lag
        interval, lag = round(1000.0 / rate_hz / step_ms), round(lag_ms / step_ms)
        pre = [abs(lag) + i * interval for i in range(n_pairings)]
        post = [step + lag for step in pre]
        change = naive.run(rule, pre, post, 0, step_ms, 1.0, max(pre[-1], post[-1])) - 1.0
        squares.append(((change - mean) / error) ** 2)
    return np.mean(squares)


@pytest.mark.parametrize("name", FITS)
def test_published_fits_fit(name):
    rule = naive.TripletSTDP(w_ref=1.0, **FITS[name])
    assert misfit(rule, 60) < 0.4
    assert misfit(rule, 75) > 0.7  # the fits are for 60 pairings


@pytest.mark.parametrize("delay", [0, 6])
def test_inhibition_adds_up(delay):
    rule = naive.InhibitorySTDP(eta=0.01, rho_0=5.0)
    pre, post = map(repeated, trains(3, delay))
    expected = naive.inhibitory_sum(rule, in_ms(pre), in_ms(post, delay))
    assert changed(rule, pre, post, delay, w0=10.0) == pytest.approx(expected, rel=1e-11)
    assert rule.alpha == pytest.approx(0.2)


def by_solver(rule, pre, post, rewards, delay, w0, n_steps):
    """The reward rule as differential equations in x, y, e, n and w, and jumps between them (no bounds, no repeats)."""

    def derivatives(t, state):
        x, y, e, n, _ = state
        return [-x / rule.tau_plus, -y / rule.tau_minus, -e / rule.tau_e, -n / rule.tau_n, e * (n - rule.b)]

    state, now = np.array([0.0, 0.0, 0.0, 0.0, w0]), 0.0
    for step in sorted({*pre, *(one + delay for one in post), *rewards, n_steps}):
        if step * DT > now:
            state = solve_ivp(derivatives, (now, step * DT), state, "DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
            now = step * DT
        x, y = state[:2]
        is_post, is_pre = step - delay in post, step in pre
        state += [is_pre, is_post, is_post * rule.a_plus * x - is_pre * rule.a_minus * y, 0.0, 0.0]
        state[3] += (step in rewards) / rule.tau_n
    return state[4]


@pytest.mark.parametrize("delay", [0, 5])
@pytest.mark.parametrize("b", [0.0, 0.003])
def test_rewards_agree_with_a_solver(b, delay):
    rule = naive.RewardSTDP(a_plus=0.02, a_minus=0.03, tau_e=300.0, tau_n=70.0, b=b)
    pre, post = (sorted(set(train)) for train in trains(4, delay, n=20))
    rewards = [*pre[3:6], 100, 400, 1200]  # some at the steps of spikes
    expected = by_solver(rule, pre, post, rewards, delay, 0.5, 2100) - 0.5
    assert abs(expected) > 1e-3
    assert changed(rule, pre, post, delay, reward_steps=rewards) == pytest.approx(expected, rel=1e-9)


def test_a_distal_reward():
    rule = naive.RewardSTDP(tau_e=200.0, tau_n=50.0)
    expected = naive.distal_reward(rule, rule.a_plus * math.exp(-5.0 / rule.tau_plus), 100.0)
    long = round(40 * rule.tau_e / DT)
    assert changed(rule, [10], [20], reward_steps=[220], n_steps=long) == pytest.approx(expected, rel=1e-10)
    assert changed(rule, [10], [20], n_steps=300) == 0.0


def test_short_term_plasticity_settles_in_a_regular_train():
    rule = naive.TsodyksMarkram(U=0.2, tau_rec=130.0, tau_fac=530.0)
    pre = list(range(0, 20000, 100))
    w, acting = naive.run(rule, pre, [], 0, DT, 3.0, 20000, return_acting=True)
    u, r = naive.regular_train(rule, 50.0)
    assert w == 3.0
    assert acting[0][1] == pytest.approx(3.0 * rule.U)
    assert acting[-1][1] == pytest.approx(3.0 * u * r, rel=1e-12)


def test_pure_depression_by_hand():
    rule = naive.TsodyksMarkram(U=0.5, tau_rec=800.0)
    _, acting = naive.run(rule, [0, 0, 200], [], 0, DT, 1.0, 300, return_acting=True)
    recovered = 1.0 - 0.75 * math.exp(-100.0 / 800.0)
    assert [one for _, one in acting] == pytest.approx([0.5, 0.25, 0.5 * recovered])
