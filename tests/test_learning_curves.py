"""What the learning rules do to single synapses: closed forms, published data, and the script that draws them."""

import sys
from pathlib import Path

import naive_plasticity as naive
import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent.parent / "scripts"))
import learning_curves as curves

# Mean square distances from Sjöström et al. in units of errors, of the naive rule (tests/test_naive_plasticity.py).
MISFITS = {
    "all-to-all, full": 0.342,
    "all-to-all, minimal": 0.356,
    "nearest, full": 0.232,
    "nearest, minimal": 0.348,
}


def test_windows_are_their_closed_forms():
    closed, found = curves.closed_windows(), curves.measured_windows()
    assert closed.keys() == found.keys()
    for name, window in closed.items():
        assert np.abs(window).max() > 1e-4
        np.testing.assert_allclose(found[name], window, rtol=1e-9, err_msg=name)


def test_triplets_fit_visual_cortex():
    for name, changes in curves.frequency_dependence().items():
        assert curves.misfit(changes) == pytest.approx(MISFITS[name], rel=0.01), name


def test_a_reward_counts_less_the_later_it_comes():
    waits = np.array([0.0, 500.0, 2000.0])
    jump = 0.01 * np.exp(-10.0 / 20.0)
    expected = [naive.distal_reward(naive.RewardSTDP(), jump, wait) for wait in waits]
    np.testing.assert_allclose(curves.reward_delays(waits), expected, rtol=1e-6)  # as far as 10 s are for ever


@pytest.mark.parametrize("kind", ["depression", "facilitation"])
def test_short_term_plasticity_is_that_of_its_equations(kind):
    values, times = curves.SHORT_TERM[kind], 100.0 + 50.0 * np.arange(40)
    weights = curves.acting(curves.TsodyksMarkram(**values), times)
    rule = naive.TsodyksMarkram(**values)
    _, acting = naive.run(rule, times.astype(int), [], 0, 1.0, 1.0, 2500, return_acting=True)
    np.testing.assert_allclose(weights, [one for _, one in acting], rtol=1e-8)


def test_the_script_prints_and_draws(capsys, tmp_path):
    curves.main(["--figure", str(tmp_path / "learning.png")])
    assert capsys.readouterr().out.count("window") == 4
    assert (tmp_path / "learning.png").stat().st_size > 50_000
