"""Published networks in NEST, for comparisons and benchmarks: each makes its cells and connects them.

They take the module of NEST, whose kernel has been set up, the scale, and what the names of synapse models end with:
"_hpc" for those that take less memory, or nothing. They return populations by label.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

TAU_SYN, J_EXC_PA = 0.32582722403722841, 45.609600316540956  # ms; pA that make a potential of 0.14 mV


def wired(nest: Any, exc: Any, inh: Any, indegrees: tuple[int, int], models: dict[str, str]) -> None:
    """Connect two populations, by fixed indegrees without autapses; ``models`` maps source and target to synapses."""
    for source, kind, indegree in ((exc, "e", indegrees[0]), (inh, "i", indegrees[1])):
        for target, other in ((exc, "e"), (inh, "i")):
            rule = {"rule": "fixed_indegree", "indegree": indegree, "allow_autapses": False}
            nest.Connect(source, target, rule, {"synapse_model": models[kind + other]})


def brunel(nest: Any, scale: float, suffix: str) -> dict[str, Any]:
    """Network A of Brunel 2000 in the asynchronous irregular state."""
    params = {"C_m": 1.0, "tau_m": 20.0, "t_ref": 2.0, "E_L": 0.0, "V_reset": 10.0, "V_th": 20.0}
    exc, inh = (nest.Create("iaf_psc_delta", round(n * scale), params) for n in (10_000, 2500))
    for cells in (exc, inh):
        cells.V_m = nest.random.uniform(0.0, 20.0)
    for name, weight in (("ex", 0.1), ("in", -0.5)):
        nest.CopyModel(f"static_synapse{suffix}", name, {"weight": weight, "delay": 1.5})
    wired(nest, exc, inh, (1000, 250), {"ee": "ex", "ei": "ex", "ie": "in", "ii": "in"})
    drive = nest.Create("poisson_generator", params={"rate": 2.0 * 20.0 / (0.1 * 20e-3)})
    nest.Connect(drive, exc + inh, "all_to_all", {"synapse_model": "ex"})
    return {"exc": exc, "inh": inh}


def hpc_benchmark(nest: Any, scale: float, suffix: str, lambda_: float = 0.1) -> dict[str, Any]:
    """The network of NEST's hpc_benchmark.py."""
    params = {"C_m": 250.0, "tau_m": 10.0, "t_ref": 0.5, "E_L": 0.0, "V_reset": 0.0, "V_th": 20.0}
    params |= {"tau_syn_ex": TAU_SYN, "tau_syn_in": TAU_SYN, "tau_minus": 30.0}
    exc, inh = (nest.Create("iaf_psc_alpha", round(n * scale), params) for n in (9000, 2250))
    for cells in (exc, inh):
        cells.V_m = nest.random.normal(5.7, 7.2)
    for name, weight in (("ex", J_EXC_PA), ("in", -5.0 * J_EXC_PA)):
        nest.CopyModel(f"static_synapse{suffix}", name, {"weight": weight, "delay": 1.5})
    rule = {"alpha": 0.0513, "lambda": lambda_, "mu": 0.4, "tau_plus": 15.0, "weight": J_EXC_PA, "delay": 1.5}
    nest.CopyModel(f"stdp_pl_synapse_hom{suffix}", "learning", rule)
    wired(nest, exc, inh, (9000, 2250), {"ee": "learning", "ei": "ex", "ie": "in", "ii": "in"})
    rate = 1.685 * 20.0 * 250.0 / 10.0 / (J_EXC_PA * math.e * TAU_SYN * 1e-3)
    drive = nest.Create("poisson_generator", params={"rate": rate})
    nest.Connect(drive, exc + inh, "all_to_all", {"synapse_model": "ex"})
    return {"exc": exc, "inh": inh}


def coba(nest: Any, scale: float, suffix: str) -> dict[str, Any]:
    """Benchmark 1 of Brette et al. 2007; conductances at the start can't be set, but sent."""
    params = {"E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "E_ex": 0.0, "E_in": -80.0, "C_m": 200.0}
    params |= {"g_L": 10.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0}
    n, n_exc = round(4000 * scale), round(3200 * scale)
    cells = nest.Create("iaf_cond_exp", n, params)
    cells.V_m = nest.random.normal(-65.0, 5.0)
    start = nest.Create("spike_generator", params={"spike_times": [0.1]})
    draw = np.random.default_rng(nest.rng_seed).standard_normal
    for initial in (np.maximum(40.0 + 15.0 * draw(n), 0.0), -np.maximum(200.0 + 120.0 * draw(n), 0.0)):
        nest.Connect(start, cells, "all_to_all", {"weight": initial[:, np.newaxis], "delay": 0.1})
    rule = {"rule": "pairwise_bernoulli", "p": min(1.0, 80 / n)}
    for name, weight, sources in (("ex", 6.0, cells[:n_exc]), ("in", -67.0, cells[n_exc:])):
        nest.CopyModel(f"static_synapse{suffix}", name, {"weight": weight, "delay": 0.1})
        nest.Connect(sources, cells, rule, {"synapse_model": name})
    return {"exc": cells[:n_exc], "inh": cells[n_exc:]}
