"""The couplings of a network on this rank: whose values are sent, and the tables of what acts on its neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels import couple
from .comm import Comm
from .junctions import Junctions, Rows
from .participants import Layout

FloatArray = npt.NDArray[np.float64]
NO_SAMPLING = 0, 0, 0


class Sender:
    """One state of a population that others feel: the values of those of its neurons on this rank that take part.

    Parameters
    ----------
    membranes : Membranes
        The population on this rank.
    state : str
    index : int64[n]
        Local indices of the neurons, ascending.
    out : float64[n]
        Where the extrapolated values are to stand.
    """

    def __init__(self, membranes: Any, state: str, index: npt.NDArray[np.int64], out: FloatArray) -> None:
        self.state = state
        self._index, self._out = index.astype(np.int32), out
        self._row = membranes.values_of(state)
        self._latest, self._before = np.zeros(len(index)), np.zeros(len(index))
        # To the middle of the next step, counted from where the state stands in time.
        behind = 0.5 / membranes.n_substeps if membranes.population.trails(state) else 0.0
        self._lead = np.array([0.5 + behind])

    def table_row(self) -> list[int]:
        """Its row in the sender table (which holds addresses: keep this object alive)."""
        arrays = self._index, self._latest, self._before, self._out, self._lead
        index, *others = (array.ctypes.data for array in arrays)
        return [self._row.ctypes.data, int(self._row.dtype == np.float32), index, len(self._index), *others]

    def restart(self) -> None:
        """Begin at the present state, as if it had always been so."""
        self._before[:] = self._row[self._index]

    def heed(self, changed: slice) -> None:
        """The same for some of the local neurons, whose state was set."""
        mine = (self._index >= changed.start) & (self._index < changed.stop)
        self._before[mine] = self._row[self._index[mine]]

    def memory(self) -> FloatArray:
        """The values of the step before, of all local neurons; 0 where one doesn't take part."""
        whole = np.zeros(len(self._row))
        whole[self._index] = self._before
        return whole

    def recall(self, whole: FloatArray) -> None:
        """Take the values of the step before as ``memory`` gives them."""
        self._before[:] = whole[self._index]

    @property
    def nbytes(self) -> int:
        """Memory that it keeps, without what it sends."""
        return self._index.nbytes + self._latest.nbytes + self._before.nbytes


class Couplings:
    """All couplings of a network on this rank.

    Parameters
    ----------
    description : Description
    membranes : dict of Population to Membranes
    comm : Comm

    Attributes
    ----------
    junctions : list of Junctions
        One for each coupling.
    own : float64[most]
        What this rank sends after each step ...
    values : float64[size, most]
        ... and all ranks have sent; on one rank the same memory.
    """

    def __init__(self, description: Any, membranes: dict[Any, Any], comm: Comm) -> None:
        self._membranes, self._comm = membranes, comm
        self._layout = layout = Layout(description.couplings, comm.size)
        self.values = np.zeros((comm.size, layout.most))
        self.own = self.values[0] if comm.size == 1 else np.zeros(layout.most)
        self._senders: list[Sender] = []
        for k, ((population, state), some) in enumerate(layout.participants.items()):
            here = membranes[population]
            index = some.members(here.begin, here.end) - here.begin
            first = layout.first(k, comm.rank)
            sender = Sender(here, state, index, self.own[first : first + len(index)])
            here.senders.append(sender)
            self._senders.append(sender)
        rows = [sender.table_row() for sender in self._senders]
        self._table = np.array(rows, np.int64).reshape(-1, couple.N_SENDER)
        self.junctions = [self._described(description, one) for one in description.couplings]
        self._kept: list[dict[str, npt.NDArray[Any]]] | None = None

    def _described(self, description: Any, coupling: Any) -> Junctions:
        for part, _ in ((coupling.target, None), *(coupling.sent if coupling.symmetric else [])):
            self._membranes[part.parent].coupled = True
        seed, place = description.stream_of(coupling)
        return Junctions(coupling, seed, place, lambda one: (self._membranes[one].begin, self._membranes[one].end))

    def compile(self) -> None:
        """Compile the functions that are needed."""
        for one in self.junctions:
            couple.function_for(hasattr(one.coupling, "e_rev"), one.coupling.rectification > 0.0)
        if self._senders:
            couple.sample_now(couple.sample_function(), self._table[:0])

    def build(self) -> None:
        """Make the rows of all couplings, unless they are there already, and the tables of the populations."""
        if self._kept is not None:
            return
        tables: dict[Any, list[list[int]]] = {}
        kept: list[dict[str, npt.NDArray[Any]]] = []
        for one in self.junctions:
            for rows in one.rows():
                arrays = self._arrays(one.coupling, rows)
                kept.append(arrays)
                tables.setdefault(rows.onto.parent, []).append(self._table_row(one.coupling, rows, arrays))
        for population, table in tables.items():
            self._membranes[population].set_couplings(np.array(table, np.int64))
        self._kept = kept

    def _arrays(self, coupling: Any, rows: Rows) -> dict[str, npt.NDArray[Any]]:
        """What the kernels read of some rows."""
        rectifying = coupling.rectification > 0.0
        one_weight = isinstance(coupling.weight, float) and not rectifying
        neurons = rows.first + rows.onto.start + np.arange(len(rows.indptr) - 1)
        number = coupling.e_rev if hasattr(coupling, "e_rev") else 1.0 - coupling.rectification
        slots = self._layout.slots(rows.source.parent, coupling.state, rows.pre + rows.source.start)
        own = np.empty(0, np.int32)
        if rectifying:  # who has no junction may not take part: any place will do
            own = self._layout.slots(rows.onto.parent, coupling.state, neurons)
            own = np.clip(own, 0, max(0, self.values.size - 1))
        return {
            "indptr": rows.indptr,
            "slots": slots,
            "weights": np.array([coupling.weight]) if one_weight else rows.weights,
            "own": own,
            "number": np.array([number]),
        }

    def _table_row(self, coupling: Any, rows: Rows, arrays: dict[str, npt.NDArray[Any]]) -> list[int]:
        at = {name: array.ctypes.data for name, array in arrays.items()}
        graded, rectifying = hasattr(coupling, "e_rev"), coupling.rectification > 0.0
        first = rows.first + rows.onto.start - self._membranes[rows.onto.parent].begin
        stride = int(rectifying or not isinstance(coupling.weight, float))
        return [
            couple.function_for(graded, rectifying), first, len(rows.indptr) - 1, at["indptr"], at["slots"],
            at["weights"], stride, self.values.ctypes.data, self.values.size, at["own"], at["number"],
        ]  # fmt: skip

    @property
    def sampling(self) -> tuple[int, int, int]:
        """Address of what samples the states after each step, and of its table, and the table's length."""
        if not self._senders:
            return NO_SAMPLING
        return couple.sample_function(), self._table.ctypes.data, len(self._table)

    def begin(self) -> None:
        """Let all ranks know the present values, which may have been set or restored."""
        if not self._senders:
            return
        couple.sample_now(couple.sample_function(), self._table)
        if self._comm.size > 1:
            self.values[:] = self._comm.gather_objects(self.own.copy())

    @property
    def nbytes(self) -> int:
        """Memory that they take on this rank."""
        shared = self.values.nbytes + (self.own.nbytes if self._comm.size > 1 else 0)
        rows = sum(array.nbytes for arrays in self._kept or [] for array in arrays.values())
        return shared + rows + sum(sender.nbytes for sender in self._senders)
