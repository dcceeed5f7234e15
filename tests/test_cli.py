"""The command line; tests/mpi/test_cli.py has that with real launchers."""

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from neurocore_nb import __version__
from neurocore_nb.cli import bench, info, launchers
from neurocore_nb.cli.main import main
from neurocore_nb.cli.plan import _Rehearsed
from neurocore_nb.engine.comm import SerialComm
from neurocore_nb.engine.threads import MAX_THREADS, default_threads
from neurocore_nb.network import rehearsal

ROOT = Path(__file__).parent.parent
OPEN_MPI = "Open MPI v5.0.11, package: Open MPI user@localhost Distribution, ident: 5.0.11"
MPICH = "MPICH Version:      5.0.2\nMPICH Release date: ..."
VERSIONS = {"Open MPI": "mpirun (Open MPI) 5.0.11", "MPICH": "HYDRA build details:\n    Version: 5.0.2", "other": "1.0"}


def said(status, *arguments, capsys):
    """What a command says on stdout and stderr."""
    try:
        found = main([*map(str, arguments)])
    except SystemExit as ended:
        found = ended.code
    assert found == status
    return capsys.readouterr()


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "my script.py"
    path.write_text("print('ran')\n")
    return path


# ---- what it understands ---------------------------------------------------------------------------------------------


def test_the_version_and_the_help(capsys):
    assert said(0, "--version", capsys=capsys).out == f"neurocore_nb {__version__}\n"
    whole = said(0, "--help", capsys=capsys).out
    for command in ("run", "plan", "info", "bench"):
        assert f"    {command} " in whole
        assert f"usage: neurocore {command}" in said(0, command, "--help", capsys=capsys).out


def test_without_a_command_it_tells_the_commands(capsys):
    assert said(0, capsys=capsys).out == said(0, "--help", capsys=capsys).out


MISTAKES = {
    "nonsense": "invalid choice: 'nonsense'.*",
    "run": "required: SCRIPT",
    "run nowhere.py": "there is no script 'nowhere.py' in .*give the path",
    "plan nowhere.py": "there is no script 'nowhere.py'",
    "run --ranks 0 x.py": "--ranks: '0' must be a whole number of at least 1",
    "run x.py --ranks -1": "--ranks: '-1' must be",
    "run x.py --threads two": "--threads: 'two' must be a whole number",
    "plan x.py --memory-per-rank 16XB": "'16XB' must be a number of bytes such as 16GB",
    "bench --slow": "unrecognized arguments: --slow",
}


@pytest.mark.parametrize(("line", "message"), MISTAKES.items(), ids=MISTAKES)
def test_mistakes_end_with_status_2_and_say_what_is_wrong(line, message, capsys):
    err = said(2, *line.split(), capsys=capsys).err
    assert err.startswith("usage: neurocore")
    assert re.search(message, err), err


def test_it_is_the_package_as_a_program_and_the_entry_point():
    done = subprocess.run(
        [sys.executable, "-m", "neurocore_nb", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"neurocore_nb {__version__}\n"
    declared = configparser.ConfigParser()
    declared.read(ROOT / "setup.cfg")
    assert declared["options.entry_points"]["console_scripts"].strip() == "neurocore = neurocore_nb.cli.main:main"


# ---- run -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with launchers of given families beside Python and on the path, and an MPI library of mpi4py."""

    def program(folder, name, text):
        (tmp_path / folder).mkdir(exist_ok=True)
        path = tmp_path / folder / name
        path.write_text(f"#!/bin/sh\necho '{text}'\n")
        path.chmod(0o755)
        return str(path)

    def make(library=None, beside=None, on_path=None, slurm=False, cores=8, root=False):
        (tmp_path / "path").mkdir()
        found = [
            program(folder, "mpirun", VERSIONS[name]) for folder, name in (("bin", beside), ("path", on_path)) if name
        ]
        found += [program("path", "srun", "slurm 24.05")] * slurm
        monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
        monkeypatch.setenv("PATH", str(tmp_path / "path"))
        monkeypatch.delenv("SLURM_JOB_ID", raising=False)
        if slurm:
            monkeypatch.setenv("SLURM_JOB_ID", "77")
        if library is not None:
            monkeypatch.setattr(launchers, "mpi_library", lambda: library)
        monkeypatch.setattr(launchers, "_physical_cores", lambda: cores)
        monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
        return found

    return make


def dry_run(capsys, script, *arguments):
    """Additions to the environment, and the command."""
    words = shlex.split(said(0, "run", "--dry-run", script, *arguments, capsys=capsys).out)
    n = sum("=" in word for word in words[: words.index(next(w for w in words if "/" in w))])
    return dict(word.split("=", 1) for word in words[:n]), words[n:]


def test_one_rank_runs_without_mpi(machine, script, capsys):
    machine()
    python = sys.executable
    assert dry_run(capsys, script) == ({}, [python, str(script)])
    threads = {"NUMBA_NUM_THREADS": "3", "NEUROCORE_NB_THREADS": "3"}
    assert dry_run(capsys, script, "--threads", 3, "--size", "a b") == (threads, [python, str(script), "--size", "a b"])


def test_the_launcher_beside_python_is_that_of_mpich(machine, script, capsys):
    beside, _ = machine(MPICH, beside="MPICH", on_path="MPICH", cores=1, root=True)
    assert dry_run(capsys, script, "--ranks", 4) == ({}, [beside, "-n", "4", sys.executable, str(script)])


def test_open_mpi_is_told_what_it_wants_to_know_and_no_more(machine, script, capsys):
    (launcher,) = machine(OPEN_MPI, on_path="Open MPI", cores=4)
    program = [sys.executable, str(script)]
    assert dry_run(capsys, script, "--ranks", 4) == ({}, [launcher, "-n", "4", "--bind-to", "none", *program])
    added, command = dry_run(capsys, script, "--ranks", 4, "--threads", 1)
    names = ["NUMBA_NUM_THREADS", "NEUROCORE_NB_THREADS"]
    assert added == dict.fromkeys(names, "1")
    assert command == [launcher, "-n", "4", "-x", names[0], "-x", names[1], *program]
    added, _ = dry_run(capsys, script, "--ranks", 5)
    assert added["PRTE_MCA_rmaps_default_mapping_policy"] == ":oversubscribe"
    assert len(added) == 2


def test_open_mpi_runs_as_root_where_root_is_who_asks(machine, script, capsys):
    machine(OPEN_MPI, beside="Open MPI", root=True)
    added, _ = dry_run(capsys, script, "--ranks", 2)
    assert added == {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


@pytest.mark.parametrize("library", [MPICH, OPEN_MPI])
def test_a_slurm_job_starts_ranks_by_srun(machine, script, capsys, library):
    *_, srun = machine(library, beside="MPICH", slurm=True, root=True)
    command = [srun, "-n", "64", sys.executable, str(script)]
    assert dry_run(capsys, script, "--ranks", 64) == ({}, command)
    _, command = dry_run(capsys, script, "--ranks", 64, "--threads", 4)
    assert command[:5] == [srun, "-n", "64", "-c", "4"]
    assert dry_run(capsys, script)[1] == [sys.executable, str(script)]


def test_another_familys_launcher_is_passed_over(machine, script, capsys):
    _, own = machine(OPEN_MPI, beside="MPICH", on_path="Open MPI")
    assert dry_run(capsys, script, "--ranks", 2)[1][0] == own


def test_a_library_of_an_unknown_family_takes_the_first_launcher(machine, script, capsys):
    first, _ = machine("Strange MPI 1.0", beside="other", on_path="MPICH")
    assert dry_run(capsys, script, "--ranks", 2)[1][0] == first


def test_what_keeps_ranks_from_starting_is_told_with_its_remedy(machine, script, capsys):
    machine(OPEN_MPI, beside="MPICH", on_path="other")
    err = said(1, "run", script, "--ranks", 2, capsys=capsys).err
    assert err.startswith("neurocore run: error: mpi4py uses Open MPI (Open MPI v5.0.11")
    for part in ("bin/mpirun is of MPICH", "path/mpirun is of an unknown MPI", "module load", "--no-binary=mpi4py"):
        assert part in err


def test_no_launcher_is_told_with_its_remedy(machine, script, capsys):
    machine(MPICH)
    err = said(1, "run", script, "--ranks", 2, capsys=capsys).err
    assert "there is no mpirun or mpiexec" in err
    assert "neurocore_nb[mpi-local]" in err


def test_no_mpi4py_is_told_with_its_remedy(machine, script, capsys, tmp_path):
    machine(beside="MPICH")
    python = tmp_path / "bin" / "python"
    python.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'mpi4py'\" >&2\nexit 1\n")
    python.chmod(0o755)
    err = said(1, "run", script, "--ranks", 2, capsys=capsys).err
    assert "several ranks need mpi4py and an MPI library, but: ModuleNotFoundError: No module named 'mpi4py'" in err
    assert "neurocore_nb[mpi-local]" in err
    assert "neurocore_nb[mpi]" in err


# ---- threads that the environment asks for ---------------------------------------------------------------------------


def test_the_environment_says_how_many_threads(monkeypatch):
    comm = SerialComm()
    monkeypatch.delenv("NEUROCORE_NB_THREADS", raising=False)
    assert 1 <= default_threads(comm) <= MAX_THREADS
    monkeypatch.setenv("NEUROCORE_NB_THREADS", "5")
    assert default_threads(comm) == 5
    for bad in ("0", "-1", "two", "1.5"):
        monkeypatch.setenv("NEUROCORE_NB_THREADS", bad)
        with pytest.raises(ValueError, match=f"NEUROCORE_NB_THREADS='{bad}' must be a number of threads"):
            default_threads(comm)


# ---- plan ------------------------------------------------------------------------------------------------------------

DESCRIBED = """
import sys
from helper import size
from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, Projection
cells = Population(HodgkinHuxleyNeuron, size * int(sys.argv[1]), label="cells")
net = Network(cells, Projection(cells, cells, weight=0.01, probability=0.1, delay=1e-3))
"""


@pytest.fixture
def described(tmp_path):
    """A script that writes a file after its run."""
    path = tmp_path / "job.py"
    (tmp_path / "helper.py").write_text("size = 1000\n")
    after = f"open({str(tmp_path / 'after')!r}, 'w')\n"
    path.write_text(f"{DESCRIBED}print('begins')\nnet.run(0.5, dt=1e-4, threads=2)\n{after}")
    yield path
    sys.modules.pop("helper", None)
    assert not (tmp_path / "after").exists()


def planned(text):
    """A plan without its lines on memory of the process, which changes from call to call."""
    return [line for line in text.splitlines() if line.split()[:1] not in (["Python,"], ["together"], ["fits"])]


def test_a_plan_is_that_of_the_first_run(described, capsys, tmp_path, monkeypatch):
    names = {}
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["job.py", "2"])
    exec(DESCRIBED, names)  # noqa: S102
    begins, *plan = said(0, "plan", described, 2, capsys=capsys).out.splitlines()
    assert begins == "begins"
    assert planned("\n".join(plan)) == planned(str(names["net"].plan(0.5, 1e-4, threads=2)))
    options = "--ranks 16 --threads 3 --duration=2 --dt 0.0005 --exchange sparse --rate-hz 3 --memory-per-rank 100GB"
    _, *plan = said(0, "plan", described, *options.split(), 2, capsys=capsys).out.splitlines()
    wanted = names["net"].plan(
        2.0, 5e-4, ranks=16, threads=3, exchange="sparse", rate_hz=3.0, memory_per_rank=1e11
    )  # fmt: skip
    assert planned("\n".join(plan)) == planned(str(wanted))


def test_options_that_are_not_legal_are_told(described, capsys):
    captured = said(1, "plan", described, "--dt", 0.3, 2, capsys=capsys)
    assert captured.err == f"neurocore plan: error: {captured.err.partition('error: ')[2]}"
    assert "no multiple of dt = 0.3 s" in captured.err


def test_a_script_without_a_run_has_no_plan(script, capsys):
    assert "my script.py has ended without running a network" in said(1, "plan", script, capsys=capsys).err
    script.write_text("import sys\nsys.exit(5)\n")
    said(5, "plan", script, capsys=capsys)
    script.write_text("1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        main(["plan", str(script)])


def test_after_a_plan_networks_run_again():
    assert rehearsal._actions == []
    assert _Rehearsed().code == 0


# ---- info ------------------------------------------------------------------------------------------------------------


def test_info_has_the_versions_that_are_installed(capsys):
    found = json.loads(said(0, "info", "--json", capsys=capsys).out)
    versions = found["versions"]
    assert versions.pop("neurocore_nb") == __version__
    assert versions.pop("python") == sys.version.split()[0]
    installed = {one.metadata["Name"].lower(): one.version for one in metadata.distributions()}
    assert versions == {name: installed.get(name) for name in versions}
    assert set(versions) >= {"numpy", "numba", "scipy", "mpi4py", "h5py", "matplotlib", "tqdm", "neo", "elephant"}
    assert found["missing"].keys() == {name for name, version in versions.items() if version is None}
    assert found["machine"]["usable_cores"] == len(os.sched_getaffinity(0))
    assert 1 <= found["threads"]["used"] <= found["machine"]["cores"]
    assert found["threads"]["layer"] in ("omp", "tbb", "workqueue")
    flags = Path("/proc/cpuinfo").read_text().split()
    assert {"avx2", "fma"} & set(flags) == {"avx2", "fma"} & set(found["machine"]["simd"])
    assert found["mpi"]["problem"] is None
    assert Path(found["mpi"]["launcher"]).exists()


def test_info_says_what_is_missing_and_how_to_get_it(monkeypatch, capsys):
    def without(name):
        if name in ("tqdm", "mpi4py"):
            raise metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(metadata, "version", without)
    monkeypatch.setattr(launchers, "_ASK", "raise SystemExit('no mpi')")
    text = said(0, "info", capsys=capsys).out
    lines = dict(line.split("  ", 1) for line in text.splitlines())
    assert lines["for tqdm"].strip() == "pip install 'neurocore_nb[progress]'"
    assert "neurocore_nb[mpi-local]" in lines["for mpi4py"]
    assert lines["mpi4py"].strip() == "missing"
    starts = {len(line) - len(line.partition("  ")[2].lstrip()) for line in text.splitlines()}
    assert len(starts) == 1  # aligned


def test_extras_bring_what_info_says_they_do():
    declared = configparser.ConfigParser()
    declared.read(ROOT / "setup.cfg")
    for package, extra in info.EXTRAS.items():
        brought = declared["options.extras_require"][extra].split()
        assert package in brought, (package, extra)


# ---- bench -----------------------------------------------------------------------------------------------------------


def test_bench_counts_events_and_measures(capsys, monkeypatch):
    net, spikes = bench.make_network(100)
    speed = bench.measure(net, spikes, 0.05, 1, rounds=1)
    assert np.isfinite(list(vars(speed).values())).all()
    assert speed.rate_hz == pytest.approx(spikes.count / 100 / 0.05)
    assert speed.rate_hz > 1.0
    outgoing = sum(bench._outgoing(projection) for projection in net.projections)
    dense = np.zeros((100, 100))
    for projection, first in zip(net.projections, (0, 80), strict=True):
        block = projection.matrix().toarray()
        dense[:, first : first + block.shape[1]] = block != 0
    np.testing.assert_array_equal(outgoing, dense.sum(axis=0))
    monkeypatch.setattr(bench, "measure", lambda *_: bench.Speed(0.5, 8.125, 1.25e8, 39.0))
    text = said(0, "bench", "--quick", "--threads", 2, capsys=capsys).out
    assert "4,000 neurons for 0.1 s at 0.1 ms on 2 threads" in text
    assert [line.split()[-1] for line in text.splitlines()[1:4]] == ["0.5", "8.12", "1.25e+08"]
