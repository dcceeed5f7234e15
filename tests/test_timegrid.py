"""From seconds to whole steps: rounding noise is forgiven, anything else is not."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocore_nb.timegrid import n_substeps, nearest_steps, whole_steps

fixed = settings(derandomize=True, deadline=None)

steps = st.integers(0, 10**7)
# As people write them: a few digits times a power of ten, in s.
dts = st.builds(lambda digits, power: float(f"{digits}e{power}"), st.integers(1, 999), st.integers(-8, -3))
odd_dts = st.floats(1e-7, 1.0)


@pytest.mark.parametrize(
    ("time", "dt", "expected"),
    [(0.0, 1e-3, 0), (0.7, 1e-3, 700), (0.3, 1e-4, 3000), (1.0, 1e-3, 1000), (3600.0, 1e-5, 360_000_000)],
)
def test_whole_steps_forgives_rounding(time, dt, expected):
    assert whole_steps(time, dt, "duration") == expected


@fixed
@given(steps, st.one_of(dts, odd_dts))
def test_whole_steps_takes_every_multiple(k, dt):
    assert whole_steps(k * dt, dt, "duration") == k


@fixed
@given(steps, st.integers(1, 5000))
def test_whole_steps_takes_decimal_times(k, per_second):
    assert whole_steps(k / per_second, 1.0 / per_second, "duration") == k


@fixed
@given(steps, dts, st.floats(1e-3, 1.0 - 1e-3))
def test_whole_steps_refuses_what_lies_between(k, dt, between):
    with pytest.raises(ValueError, match="no multiple of dt"):
        whole_steps((k + between) * dt, dt, "duration")


def test_whole_steps_names_time_step_and_remedy():
    with pytest.raises(ValueError, match=r"offset = 0\.0105 s .* dt = 0\.001 s .*10\.5 steps.* 0\.01 s"):
        whole_steps(0.0105, 0.001, "offset")


@pytest.mark.parametrize(
    ("time", "dt", "expected"),
    [(0.0, 1e-3, 0), (0.49e-3, 1e-3, 0), (0.5e-3, 1e-3, 1), (1.5e-3, 1e-3, 2), (2.5, 1.0, 3), (1.5e-3, 1e-4, 15)],
)
def test_nearest_steps_rounds_half_up(time, dt, expected):
    assert nearest_steps(time, dt) == expected


@fixed
@given(st.floats(0.0, 1.0), dts)
def test_nearest_steps_is_nearest(time, dt):
    assert abs(nearest_steps(time, dt) - time / dt) <= 0.5 * (1.0 + 1e-9)


@fixed
@given(steps, dts)
def test_nearest_steps_of_a_multiple(k, dt):
    assert nearest_steps(k * dt, dt) == k


@pytest.mark.parametrize(
    ("dt", "max_step", "expected"),
    [(1e-3, 0.01, 100), (1e-4, 0.01, 10), (1e-5, 0.01, 1), (2.5e-5, 0.01, 3), (7e-5, 0.01, 7), (1e-6, 0.01, 1)],
)
def test_n_substeps_of_usual_steps(dt, max_step, expected):
    assert n_substeps(dt, max_step) == expected


@fixed
@given(st.floats(1e-6, 1e-2), st.floats(1e-3, 10.0))
def test_n_substeps_is_the_smallest_number_that_fits(dt, max_step):
    n = n_substeps(dt, max_step)
    assert n >= 1
    assert dt * 1e3 / n <= max_step * (1.0 + 1e-5)
    assert n == 1 or dt * 1e3 / (n - 1) > max_step


@fixed
@given(st.integers(1, 10_000), st.floats(1e-3, 1.0))
def test_n_substeps_forgives_rounding(n, max_step):
    assert n_substeps(n * max_step * 1e-3, max_step) == n
    assert math.isclose(n_substeps(n * max_step * 1e-3, max_step) * max_step, n * max_step)
