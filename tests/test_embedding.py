"""Kernels in other programs: conduction velocity of the squid axon, and parameters fitted to a trace."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from neurocore_nb.kernels import model_kernel
from neurocore_nb.neurons import HodgkinHuxleyNeuron

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "scripts" / "embedding"), str(ROOT / "scripts" / "benchmarks")]

import axon  # noqa: E402
import cable  # noqa: E402
import fitting  # noqa: E402
import rows  # noqa: E402
import travelling_wave  # noqa: E402
from travelling_wave import ionic, rates, steady  # noqa: E402

PAPER = 18.8  # m/s


@pytest.fixture(scope="module")
def shot():
    """K per ms and the velocity in m/s, by shooting."""
    stiffness = travelling_wave.find_stiffness(tolerance=1e-5)
    return stiffness, travelling_wave.velocity(stiffness)


def test_the_wave_is_that_of_the_paper(shot):
    stiffness, theta = shot
    assert stiffness == pytest.approx(10.47, rel=0.005)
    assert theta == pytest.approx(PAPER, rel=0.005)


def test_velocity_of_coarse_steps_and_its_limit(shot):
    by_dx = np.array([axon.conduction(dx, 0.01) for dx in (0.1, 0.05, 0.025)])
    by_dt = np.array([axon.conduction(0.05, dt) for dt in (0.02, 0.01, 0.005)])
    assert by_dx[1] == by_dt[1] == pytest.approx(PAPER, rel=0.02)
    for found in (by_dx, by_dt):
        assert np.log2((found[1] - found[0]) / (found[2] - found[1])) == pytest.approx(2.0, abs=0.1)
    assert axon.limit(by_dx, by_dt, by_dx[1]) == pytest.approx(shot[1], rel=5e-4)


def test_velocity_depends_neither_on_the_place_nor_on_the_length():
    theta = axon.conduction(0.1, 0.01)
    assert axon.conduction(0.1, 0.01, start=8.0, end=11.0) == pytest.approx(theta, rel=1e-4)
    assert axon.conduction(0.1, 0.01, length=15.0) == pytest.approx(theta, rel=1e-7)


def test_potentials_are_those_of_the_method_of_lines():
    dx, dt, places = 0.2, 0.0025, np.array([0.0, 1.0, 2.0])
    _, v = axon.run(dx, dt, places, length=2.0)
    coupling, n = axon.RADIUS / (2.0 * axon.RESISTIVITY * dx**2), 11

    def derivative(t, y, pulse):
        rows_of_y = y.reshape(4, n)
        v, gates = rows_of_y[0], rows_of_y[1:]
        wide = np.concatenate([v[1:2], v, v[-2:-1]])
        current = coupling * np.diff(wide, 2) - ionic(v, *gates)
        current[0] += pulse
        opening, closing = np.array([rates(one) for one in v]).transpose(2, 1, 0)
        return np.concatenate([current, *(opening * (1.0 - gates) - closing * gates)])

    y, seen = np.concatenate([np.full(n, -65.0), np.repeat(steady(-65.0), n)]), []
    for begin, end, pulse in ((0.0, axon.PULSE, axon.STIMULUS / (np.pi * axon.RADIUS * dx)), (axon.PULSE, 2.0, 0.0)):
        times = np.linspace(begin, end, round((end - begin) / 0.1) + 1)
        path = solve_ivp(derivative, (begin, end), y, args=(pulse,), t_eval=times, rtol=1e-8, atol=1e-8)
        y = path.y[:, -1]
        seen.append(path.y[[0, 5, 10], 1:])
    exact = np.concatenate(seen, axis=1).T
    assert exact.max() > 20.0
    np.testing.assert_allclose(v[round(0.1 / dt) - 1 :: round(0.1 / dt)][: len(exact)], exact, atol=0.1)


def test_tridiagonal_systems_are_solved():
    n, r = 7, 0.6
    matrix = (1.0 + 2.0 * r) * np.eye(n) - r * (np.eye(n, k=1) + np.eye(n, k=-1))
    matrix[0, 1] = matrix[-1, -2] = -2.0 * r
    right = np.random.default_rng(1).normal(size=n)
    x = right.copy()
    axon.solve(axon.factorise(n, r), x)
    np.testing.assert_allclose(matrix @ x, right, atol=1e-14)


@pytest.mark.parametrize("n_steps", [150, 900])
def test_loops_written_by_hand_do_the_same(n_steps):
    ours = cable.trial(cable.OURS, 211, n_steps)()
    same, printed = (cable.trial(who, 211, n_steps)() for who in cable.LOOPS)
    assert ours[0].max() > 20.0 or n_steps > 150, "no spike"
    np.testing.assert_array_equal(same, ours)
    np.testing.assert_allclose(printed, ours, rtol=1e-9)


def test_parameters_are_found():
    rng = np.random.default_rng(3)
    injected = fitting.fluctuating(rng, 50.0)
    target = fitting.trace(fitting.TRUE, injected)
    result = fitting.fit(injected, target, candidates=64, generations=40, seed=3)
    assert result.nfev == 64 * 41
    np.testing.assert_allclose(result.x, list(fitting.TRUE.values()), rtol=0.25)
    assert result.fun < 10.0  # mV^2, where the default parameters have hundreds
    assert fitting.simulate({name: np.array([x]) for name, x in fitting.DEFAULT.items()}, injected, target) > 100.0


def test_generations_do_not_compile_again():
    target = fitting.trace(fitting.TRUE, np.zeros(10))
    signatures = len(fitting.follow.signatures), len(fitting.advance.signatures)
    for n in (1, 5, 8):
        parameters = {name: np.linspace(0.5, 2.0, n) * one for name, one in fitting.TRUE.items()}
        assert model_kernel(HodgkinHuxleyNeuron, fitting.DT, **parameters).advance is fitting.advance
        assert fitting.simulate(parameters, np.zeros(10), target).shape == (n,)
    assert (len(fitting.follow.signatures), len(fitting.advance.signatures)) == signatures


def test_errors_are_those_of_candidates_alone():
    rng = np.random.default_rng(5)
    injected, target = fitting.fluctuating(rng, 5.0), rng.normal(-65.0, 1.0, 500)
    parameters = {name: one * rng.uniform(0.5, 2.0, 11) for name, one in fitting.TRUE.items()}
    together = fitting.simulate(parameters, injected, target)
    for k in (0, 7, 10):
        alone = {name: float(values[k]) for name, values in parameters.items()}
        assert np.mean((fitting.trace(alone, injected) - target) ** 2) == pytest.approx(together[k], rel=1e-12)


def test_programs_write_their_pages(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(rows, "DOCS", tmp_path)
    monkeypatch.setattr(axon, "DX", (0.2, 0.1, 0.05))
    monkeypatch.setattr(axon, "DT", (0.02, 0.01, 0.005))
    rows.main("axon", axon.__doc__, axon.measure, {"dx": 0.05, "dt": 0.01}, ["--write"])
    small = ["--candidates", "16", "--generations", "2", "--duration", "20", "--write"]
    rows.main("fitting", fitting.__doc__, fitting.measure, fitting.OPTIONS, small)
    printed = capsys.readouterr().out
    for name in ("axon", "fitting"):
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
        page = (tmp_path / f"{name}.md").read_text()
        rows_with_bars = re.findall(r"^\| .* \| (?:yes|\*\*no\*\*) \|$", page, re.MULTILINE)
        assert len(rows_with_bars) == 4
        assert all(row in printed for row in rows_with_bars)
    assert "48 candidates were evaluated in 2 generations" in printed


@pytest.mark.parametrize("name", ["axon", "fitting"])
def test_saved_pages_are_within_their_bars(name):
    page = (ROOT / "docs" / "embedding" / f"{name}.md").read_text()
    assert page.count("| yes |") == 4
    assert "**no**" not in page
