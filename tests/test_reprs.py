"""What objects say of themselves: a line, and tables for notebooks."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from neurocore_nb import (
    STDP,
    GapJunction,
    LIFNeuron,
    Network,
    Normal,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    Uniform,
    WeightMonitor,
)
from neurocore_nb.engine.report import RankReport, Report
from neurocore_nb.network.description import Description
from neurocore_nb.tables import rows_table


class Reader(HTMLParser):
    """Reads tables: rows of cells, and which tags are open at the end."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.open, self.tags, self.text = [], [], set(), ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"style"}
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def facts(one):
    read = Reader(one._repr_html_())
    assert read.open == []
    assert read.tags <= {"div", "strong", "table", "tr", "td", "th"}  # nothing that loads or runs anything
    return read


LABEL = "<script>alert('a & b')</script>"


def described():
    """A network with all kinds of objects, of which one has a label that has to be escaped."""
    cells = Population(LIFNeuron, 80, label=LABEL, precision="float32", initial={"v": Normal(-65.0, 5.0)})
    source, given = PoissonPopulation(1200, 10.0, label="in"), SpikeSource([0.01, 0.02], label="given")
    drawn = Projection(source, cells, 30.0, 0.5, receptor="exc", delay=Uniform(1e-3, 2e-3))
    learning = Projection(cells, cells[:10], 1.0, topology="fixed_indegree", indegree=3, plasticity=STDP(a_plus=0.02))
    junctions = GapJunction(cells[:3], cells[:3], [0.1, 0.2], topology=([0, 1], [1, 2]))
    monitors = [SpikeMonitor(cells), StateMonitor(cells, ("v",), record=[1, 2], interval=1e-3)]
    monitors.append(WeightMonitor(learning, pairs=([0], [1]), bins=[0.0, 1.0, 2.0], interval=0.01))
    return cells, source, given, drawn, learning, junctions, monitors


def test_a_line_has_the_facts():
    cells, source, given, drawn, learning, junctions, monitors = described()
    assert repr(cells) == f"<Population {LABEL!r}: 80 LIFNeuron, receptors (exc, inh), float32>"
    assert repr(cells[3:9]) == f"<part of population {LABEL}[3:9]: 6 LIFNeuron>"
    assert repr(Population("HodgkinHuxleyNeuron", 3)) == "<Population of 3 HodgkinHuxleyNeuron>"
    assert repr(source) == "<PoissonPopulation 'in': 1200 neurons, 10 Hz>"
    assert repr(PoissonPopulation(2, [1.0, 5.0])) == "<PoissonPopulation of 2 neurons, 1 to 5 Hz>"
    assert repr(PoissonPopulation(1, lambda t: t)) == "<PoissonPopulation of 1 neuron, rates by a function>"
    assert repr(given) == "<SpikeSource 'given': 1 neuron, 2 spikes>"
    rule = "random, p = 0.5, weight 30 pA, onto exc, delay Uniform(0.001, 0.002) s"
    assert repr(drawn) == f"<Projection in -> {LABEL}: {rule}>"
    assert "fixed_indegree, indegree = 3, weight 1 pA, plasticity STDP(" in repr(learning)
    assert repr(junctions).endswith(": 2 explicit synapses, weight 0.1 to 0.2 nS>")
    said = [repr(one).replace(LABEL, "cells") for one in monitors]
    assert said == [
        "<SpikeMonitor of cells>",
        "<StateMonitor of cells: v of 2 neurons, every 0.001 s>",
        "<WeightMonitor of cells -> cells[0:10]: w of 1 pair and 2 bins, every 0.01 s>",
    ]
    assert all("\n" not in repr(one) and len(repr(one)) < 200 for one in (cells, source, drawn, learning, *monitors))


def test_tables_have_the_facts_and_escape_labels():
    cells, source, given, drawn, learning, junctions, monitors = described()
    for one in (cells, cells[:5], drawn, learning, junctions, *monitors):
        assert LABEL in facts(one).text
    told = dict(facts(cells).rows)
    assert (told["neurons"], told["model"], told["precision"]) == ("80", "LIFNeuron", "float32")
    assert told["initial v"] == "Normal(-65, 5) mV"
    assert told["receptor exc"] == "ExpCurrent(tau=2.0)"
    assert dict(facts(source).rows) == {"neurons": "1,200", "rate": "10 Hz"}
    assert dict(facts(given).rows) == {"neurons": "1", "spikes": "2", "times": "0.01 to 0.02 s"}
    assert dict(facts(drawn).rows)["delay"] == "Uniform(0.001, 0.002) s"
    assert dict(facts(monitors[1]).rows) == {"variables": "v of 2 neurons", "every": "0.001 s"}


def test_a_network_shows_its_objects_and_what_was_recorded():
    cells = Population("HodgkinHuxleyNeuron", 2, label=LABEL)
    spikes, states = SpikeMonitor(cells), StateMonitor(cells)
    net = Network(cells, PoissonInput(2, 10.0, 1.0), spikes, states)
    assert repr(net) == "<Network of 2 neurons in 1 population, 1 stimulus, 2 monitors; t = 0 s>"
    report = net.run(0.02, dt=1e-3)
    assert repr(net).endswith("; t = 0.02 s>")
    assert repr(spikes) == f"<SpikeMonitor of {LABEL}: {spikes.count} spikes in 0.02 s>"
    assert repr(states) == f"<StateMonitor of {LABEL}: v of 2 neurons, every step, 20 samples>"
    shown = facts(net)
    assert [LABEL, "2", "HodgkinHuxleyNeuron", ""] in shown.rows
    assert [f"SpikeMonitor of {LABEL}: {spikes.count} spikes in 0.02 s"] in shown.rows
    assert repr(report).startswith("<Report of 0.02 s of 2 neurons and 0 synapses on 1 rank x ")
    assert "\n" not in repr(report)
    assert len(facts(report).rows) == 2
    plan = net.plan(0.02, ranks=3)
    assert re.match(r"<Plan of 0.02 s of 2 neurons and 0 synapses on 3 ranks x 1 thread: .*B for a rank", repr(plan))
    together = next(row for row in facts(plan).rows if row[0] == "together")
    assert together[1] in str(plan)


def test_long_tables_are_cut():
    report = Report(1.0, 1e-3, [RankReport(neurons=k) for k in range(1000)], 1)
    header, *rows = facts(report).rows
    assert (len(header), len(rows)) == (len(rows[0]), 17)
    assert rows[8][0] == "... 984 more"
    assert [row[:2] for row in (rows[0], rows[-1])] == [["0", "0"], ["999", "999"]]
    assert Reader(rows_table("", ("a",), [])).rows == [["a"]]


@pytest.mark.parametrize("kind", [Population, Projection, PoissonPopulation])
def test_descriptions_agree_whatever_objects_say_of_themselves(monkeypatch, kind):
    cells, source, given, drawn, learning, _, _ = described()
    description = Description([cells, source, given], [drawn, learning], [], [], 1, 1)
    before = description.digest()
    assert before == description.digest()
    monkeypatch.setattr(kind, "__repr__", lambda _: str(np.random.default_rng().random()))
    assert description.digest() == before
