"""A network in the loop of another program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.inputs import LocalRange
from ..engine.recording import LatestSpikes, Recorder
from ..engine.simulation import Simulation
from . import checks
from .checks import FloatArray
from .monitor import SpikeMonitor
from .population import Neurons, Population, population_of


class CompiledNetwork:
    """A network that another program takes through time, step by step; from :meth:`Network.compile`.

    Each rank sees its own neurons only, those of :meth:`local`, and without copies: what :meth:`state` returns changes
    with each step, and what is written into it, or into :meth:`current` and :meth:`conductance`, acts from the next
    step on. All ranks call :meth:`step` and :meth:`gather` together; the other methods concern one rank alone.

    The results have the bits of :meth:`Network.run`, however the steps are divided. Meanwhile :meth:`Network.run`,
    ``get``, ``set`` and ``save`` may be called, too; what a host has written as input acts in runs as well. A monitor
    that is added meanwhile records from the next :meth:`gather` or run on.

    Examples
    --------
    A muscle that contracts with each spike, and stretches a receptor that excites the neuron:

    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population
    >>> cell = Population(HodgkinHuxleyNeuron, 1, label="motor neuron")
    >>> sim = Network(cell).compile(dt=1e-4)
    >>> current, force = sim.current(cell), 0.0
    >>> for _ in range(1000):
    ...     current[:] = 20.0 / (1.0 + force)  # uA/cm2
    ...     sim.step()
    ...     neurons, times = sim.spikes(cell)
    ...     force += 1.0 * len(neurons) - 0.005 * force
    >>> round(sim.t, 4), 1.0 < force < 3.0
    (0.1, True)
    """

    def __init__(
        self, simulation: Simulation, member: Callable[[Neurons], Any], recorders: Callable[[], list[Recorder]]
    ) -> None:
        self._simulation = simulation
        self._member = member
        self._recorders = recorders

    @property
    def t(self) -> float:
        """Present time in s."""
        return self._simulation.step * self._simulation.dt

    @property
    def dt(self) -> float:
        """Network step in s."""
        return self._simulation.dt

    @property
    def rank(self) -> int:
        """Number of this rank in the network's communicator."""
        return self._simulation.comm.rank

    @property
    def n_ranks(self) -> int:
        """Number of ranks in the network's communicator."""
        return self._simulation.comm.size

    def step(self, n: int = 1) -> None:
        """Go on by a number of network steps. All ranks call it together.

        Parameters
        ----------
        n : int

        Raises
        ------
        TypeError, ValueError
            If n isn't a whole number of at least 0.
        NumericalError, SimulationError
            On all ranks, if something went wrong on any; then ``reset()`` or ``restore()`` the network.
        """
        simulation = self._simulation
        checks.whole_number(n, "step: n", low=0)
        if simulation.broken:
            raise ValueError("the last step or run of this network failed; call reset() or restore() of it first")
        if not simulation.stepping:
            simulation.go_by_steps(self._recorders(), {one: self._keeper(one) for one in simulation.groups})
        simulation.take_steps(n)

    def gather(self) -> None:
        """Give monitors what has been recorded so far, on rank 0. All ranks call it together."""
        self._simulation.rest()

    def local(self, neurons: Neurons) -> range:
        """Which of some neurons are on this rank, by their indices within them.

        Examples
        --------
        >>> from neurocore_nb import LIFNeuron, Network, Population
        >>> cells = Population(LIFNeuron, 10)
        >>> sim = Network(cells).compile(dt=1e-4)
        >>> sim.local(cells), sim.local(cells[4:6])
        (range(0, 10), range(0, 2))
        """
        return range(*self._range(neurons).of(neurons))

    def state(self, neurons: Neurons, name: str) -> npt.NDArray[Any]:
        """A state variable of the local ones of some neurons: a view, of the population's precision.

        Raises
        ------
        TypeError, ValueError
            If they have no such state.
        """
        population = self._membranes(neurons, "state()")
        if name not in population.states:
            raise ValueError(f"{population!r} has no state {name!r}; it has {', '.join(population.states)}")
        row = list(population.states).index(name)
        view: npt.NDArray[Any] = self._simulation.membranes[population].states[row, self._columns(neurons)]
        return view

    def current(self, neurons: Neurons) -> FloatArray:
        """A current into the local ones of some neurons: a view, 0 at first.

        In the unit of the model, such as uA/cm2. Its values act in each step until they are changed.
        """
        return self._input(neurons, 0)

    def conductance(self, neurons: Neurons) -> FloatArray:
        """A conductance of the local ones of some neurons, as :meth:`current`, in mS/cm2 or nS.

        Its reversal potential is 0 mV. For another, ``e``, add ``conductance * e`` to the current.
        """
        return self._input(neurons, 1)

    def spikes(self, neurons: Neurons) -> tuple[npt.NDArray[np.int64], FloatArray]:
        """Spikes of the last call of :meth:`step` of the local ones of some neurons.

        Returns
        -------
        neurons : int64[n_spikes]
            Indices within these neurons, in the order of time.
        times : float64[n_spikes]
            In s.
        """
        population = self._member(neurons)
        if not self._simulation.stepping:
            return np.empty(0, np.int64), np.empty(0)
        self._simulation.give_latest()
        found, times = self._simulation.latest[population].latest(self.dt, self._simulation.step)
        mine = (found >= neurons.start) & (found < neurons.start + neurons.n)
        return found[mine] - neurons.start, times[mine]

    def _keeper(self, population: Any) -> LatestSpikes:
        return LatestSpikes(SpikeMonitor(population), self._simulation.groups[population], self._simulation.step)

    def _input(self, neurons: Neurons, row: int) -> FloatArray:
        population = self._membranes(neurons, "current() and conductance()")
        view: FloatArray = self._simulation.membranes[population].take_input()[row, self._columns(neurons)]
        return view

    def _membranes(self, neurons: Neurons, call: str) -> Population:
        self._member(neurons)
        return population_of(neurons, f"what {call} is asked for")

    def _columns(self, neurons: Neurons) -> slice:
        """Where the local ones of some neurons are in the arrays of this rank."""
        here = self._range(neurons)
        low, high = here.of(neurons)
        first = neurons.start - here.begin
        return slice(first + low, first + high)

    def _range(self, neurons: Neurons) -> LocalRange:
        group = self._simulation.groups[self._member(neurons)]
        return LocalRange(group.begin, group.end)

    def __repr__(self) -> str:
        return f"<CompiledNetwork at {self.t:.9g} s: {len(self._simulation.groups)} populations, rank {self.rank}>"
