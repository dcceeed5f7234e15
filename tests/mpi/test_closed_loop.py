"""A network in the loop of a host that has ranks of its own."""

import re
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "embedding" / "closed_loop.py"


def test_a_closed_loop_has_the_same_bits_on_any_ranks(launch):
    found = []
    for ranks in (0, 2, 3):
        printed = launch(ranks, SCRIPT, "--duration", "0.4").stdout
        found.append(re.findall(r"(with\S*) reflex: stretch (\S+) cm.* digest (\w+)", printed))
        assert [name for name, *_ in found[-1]] == ["without", "with"], printed
    assert found[0] == found[1] == found[2]
    without, with_reflex = (float(stretch) for _, stretch, _ in found[0])
    assert with_reflex < without - 0.5  # cm
