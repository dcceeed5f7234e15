"""Continuous couplings under a real launcher."""

import json
from pathlib import Path

PROGRAM = Path(__file__).parent / "programs" / "coupled.py"


def test_couplings_give_the_same_bits_on_any_ranks(launch, tmp_path):
    found = {}
    for ranks in (0, 2, 3):
        launch(ranks, PROGRAM, str(tmp_path / "result.json"))
        found[ranks] = json.loads((tmp_path / "result.json").read_text())
    assert min(found[0]["spikes"]) > 10
    for ranks in (2, 3):
        assert found[ranks]["digest"] == found[0]["digest"]
        assert found[ranks]["spikes"] == found[0]["spikes"]
        assert found[ranks]["counted"] == found[ranks]["reported"] > 0
