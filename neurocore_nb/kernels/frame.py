"""The source of a population's kernel: the loops around the scalar functions of a model and its receptors.

Nothing here is compiled. ``source_of_advance`` returns the text of a module; ``kernels.integrate`` compiles it.
"""

from __future__ import annotations

from typing import NamedTuple

from .single import single_precision
from .table import source_of_arrays

# What a receptor acts on.
ON_ITSELF, ON_CURRENT, ON_V = "itself", "current", "v"

# In single precision, a conductance that nothing feeds falls below the smallest normal number within 80 of its time
# constants, and arithmetic with such numbers takes ten times longer. So after each network step this counts as nothing.
TINY = 1e-30


class ReceptorForm(NamedTuple):
    """What the fused kernel needs to know of a receptor.

    Attributes
    ----------
    name : str
        Of its class.
    acts : {"itself", "current", "v"}
        Whether what arrives changes the receptor's own states, is a current for one network step, or makes v jump.
        The following matters only in the first case.
    source : str
        Python source of two functions: ``arrive`` takes the arriving weight, states and parameters and returns new
        states; ``update`` takes states, parameters and ``v`` and returns new states, a current and a conductance.
    states : tuple of str
    arrive_arguments, update_arguments : tuple of str
    """

    name: str
    acts: str
    source: str = ""
    states: tuple[str, ...] = ()
    arrive_arguments: tuple[str, ...] = ()
    update_arguments: tuple[str, ...] = ()


class Update(NamedTuple):
    """What the fused kernel needs to know of a model with its receptors.

    Attributes
    ----------
    name : str
        The model's name.
    source : str
        Python source of ``update``, of ``reset`` where there is one, and of all they call, as it may stand in a module
        that has imported ``vmath``. Both take states and parameters by name and return new states.
    update_arguments, reset_arguments : tuple of str
        States, parameters, and any of ``i``, ``g`` and ``dt``. No ``reset_arguments``: no reset.
    states : tuple of str
        State variables, in the order in which they are returned. A receptor's are called ``"0_g"`` and so on by its
        number, and follow those of the model.
    constants, varied : tuple of str
        Parameters that are one number for all neurons, and those that are an array; a receptor's ``"0_tau"``.
    variable, threshold : str
        A spike is seen in this state; the threshold is a parameter's name or a number.
    crossing : bool
        Whether a spike is an upward crossing of the threshold, or else any value at or above it.
    refractory : bool
        Whether there is a state ``refractory``, substeps in which no spike is seen; ``refractory_steps`` is its
        parameter.
    held : tuple of str
        States that don't change meanwhile.
    conductance : bool
        Whether conductances are injected.
    receptors : tuple of ReceptorForm
    precision : {"float64", "float32"}
        Of states and parameters.
    """

    name: str
    source: str
    update_arguments: tuple[str, ...]
    reset_arguments: tuple[str, ...]
    states: tuple[str, ...]
    constants: tuple[str, ...]
    varied: tuple[str, ...]
    variable: str
    threshold: str
    crossing: bool
    refractory: bool = False
    held: tuple[str, ...] = ()
    conductance: bool = False
    receptors: tuple[ReceptorForm, ...] = (ReceptorForm("CurrentPulse", ON_CURRENT),)
    precision: str = "float64"

    @property
    def single(self) -> bool:
        """Whether states and parameters are float32."""
        return self.precision == "float32"

    @property
    def whole(self) -> str:
        """A type of whole numbers as wide as the states: loops over lanes of both widths are slow."""
        return "np.int32" if self.single else "np.int64"


_FRAME = '''"""Fused kernel of {name}, written by neurocore_nb.kernels.frame."""

import numpy as np
from numba import carray, prange
from numpy import float32

from neurocore_nb.kernels.deliver import deliver
from neurocore_nb.kernels.integrate import DELIVER_NS, N_FIRED, STATUS, TILE, beyond_limit, collect, note_spikes
from neurocore_nb.kernels.jit import as_pointer, interleave, kernel, nanoseconds, parallel_kernel, vector_loop
from neurocore_nb.kernels.stimulate import FINE, NOT_FINITE, Inputs, drive, inject, move, narrow
{imports}


{loops}

@kernel
def advance_slice(w, table, spikes, spikes_from, step, n_steps, origin):
{arrays}
    inputs = Inputs({inputs})
    begin, end = bounds[w], bounds[w + 1]
    n_substeps, first_id = settings
    dt = constants[0]
    started = nanoseconds()
    deliver(ring, spikes_from, spikes, blocks[w])
    outcome[w, DELIVER_NS] = nanoseconds() - started
    status = FINE
    n_fired = 0
    injecting = rows.shape[0] + noises.shape[0] > 0
    filling = injecting{or_currents}
    tile = {tile}
    rounded = np.zeros((3, tile), np.float32)
    whole, whole_crossed = np.zeros((4, tile)), np.empty(tile, {whole})
    for a in range(begin, end if n_steps > 0 else begin, tile):
        b = min(a + tile, end)
        current, conductance, jump = whole[0, : b - a], whole[1, : b - a], whole[2, : b - a]
        scratch, crossed = whole[3, : b - a], whole_crossed[: b - a]
{tiles}
        for k in range(n_steps):
            slot = (step + k) % ring.shape[1]
            if filling:
                current[:] = 0.0
                conductance[:] = 0.0
            if injecting:
                inject(current, conductance, inputs, a, step + k, k, scratch)
{arrive}
            for s in range(n_substeps):
                if substep({state_names}, {driven}, crossed, dt{parameter_values}) > 0:
                    n_fired = note_spikes(crossed, first_id + a, step + k - origin, s + 1, fired[w], n_fired)
{after_substep}
{after_substeps}
        if not all_finite({state_names}):
            status |= NOT_FINITE
    outcome[w, N_FIRED] = n_fired
    outcome[w, STATUS] = status


@kernel
def advance_serial(table, spikes, spikes_from, step, n_steps, origin):
{arrays}
    for w in range(bounds.shape[0] - 1):
        advance_slice(w, table, spikes, spikes_from, step, n_steps, origin)
    return collect(fired, outcome, found)


@parallel_kernel
def advance_parallel(table, spikes, spikes_from, step, n_steps, origin):
{arrays}
    for w in prange(bounds.shape[0] - 1):
        advance_slice(w, table, spikes, spikes_from, step, n_steps, origin)
    return collect(fired, outcome, found)
'''

_LOOPS = """@kernel
def substep({state_arrays}, current, conductance, jump, crossed, dt{parameter_arguments}):
    vector_loop()
    n_crossed = {whole}(0)
    for j in range(crossed.shape[0]):
{body}
        crossed[j] = spike
        n_crossed = {whole}(n_crossed + spike)
        interleave()
    return n_crossed

{arrivals}
@kernel
def all_finite({state_arrays}):
    vector_loop()
    n_bad = {whole}(0)
    for j in range(state_{first_state}.shape[0]):
        n_bad = {whole}(n_bad + (not {difference} == 0.0))  # inf and nan minus themselves are nan
    return n_bad == 0
"""

_CLEAR = """

@kernel
def clear_tiny({state_arrays}):
    vector_loop()
    for j in range({first_state}.shape[0]):
{clear}
"""

_INPUTS = {
    "ring": ("float64", 3), "used": ("bool_", 1), "limits": ("float64", 1), "poisson": ("int64", 2),
    "poisson_values": ("float64", 2), "rows": ("float64", 2), "factors": ("float64", 2), "noises": ("int64", 2),
    "noise_values": ("float64", 2),
}  # fmt: skip


def arrays_of(precision: str) -> dict[str, tuple[str, int]]:
    """The arrays that a kernel works on; ``engine.membranes`` says what they hold."""
    return {
        "bounds": ("int64", 1), "settings": ("int64", 1), "states": (precision, 2), "constants": (precision, 1),
        "varied": (precision, 2), **_INPUTS, "blocks": ("int64", 3), "fired": ("int32", 3), "outcome": ("int64", 2),
        "found": ("int32", 2),
    }  # fmt: skip


class _Text:
    """Writes the parts of the frame that depend on the model."""

    def __init__(self, update: Update) -> None:
        self.update = update
        self.own = [name for name in update.states if not name[0].isdigit() and name != "refractory"]
        self.jumps = any(receptor.acts == ON_V for receptor in update.receptors)
        self.driven = [f"{name}{'_32' * update.single}" for name in ("current", "conductance", "jump")]

    def value(self, name: str) -> str:
        """A state's or parameter's value for neuron j, as an expression."""
        if name in self.update.states:
            return f"state_{name}[j]"
        if name in self.update.varied:
            return f"param_{name}[j]"
        return f"param_{name}"

    def _model_values(self, names: tuple[str, ...], states: dict[str, str]) -> str:
        given = {"i": "i", "g": "g", "dt": "dt"} | states
        return ", ".join(given.get(name) or self.value(name) for name in names)

    def _receptor_values(self, r: int, names: tuple[str, ...]) -> str:
        given = {"w": "float32(w)" if self.update.single else "w", "v": "v", "dt": "dt"}
        return ", ".join(given.get(name) or self.value(f"{r}_{name}") for name in names)

    def body(self) -> list[str]:
        """The substep of neuron j, up to the spike."""
        u = self.update
        ready = ["ready = state_refractory[j] <= 0.0"] * u.refractory
        jump = "jump[j]" if "v" not in u.held else "(jump[j] if ready else 0.0)"
        v = f"v = state_v[j] + {jump}" if self.jumps else "v = state_v[j]"
        news = [f"new_{name}" for name in self.own]
        values = self._model_values(u.update_arguments, {name: f"state_{name}[j]" for name in self.own} | {"v": "v"})
        held = [
            f"new_{name} = new_{name} if ready else {'v' if name == 'v' else f'state_{name}[j]'}" for name in u.held
        ]
        return [
            *ready,
            v,
            "i = current[j]",
            f"g = {'conductance[j]' if u.conductance else '0.0'}",
            *self._receptors(),
            f"{', '.join(news)} = update({values})",
            *held,
            f"spike = {u.whole}({self._spike()})",
            *self._reset(news),
            *[f"new_refractory = param_refractory_steps{'[j]' * ('refractory_steps' in u.varied)} if spike != 0 "
              "else max(state_refractory[j] - 1.0, 0.0)"] * u.refractory,
            *[f"state_{name}[j] = new_{name}" for name in u.states],
        ]  # fmt: skip

    def _receptors(self) -> list[str]:
        lines = []
        for r, receptor in enumerate(self.update.receptors):
            if receptor.acts == ON_ITSELF:
                news = "".join(f"new_{r}_{name}, " for name in receptor.states)
                values = self._receptor_values(r, receptor.update_arguments)
                lines += [f"{news}i_{r}, g_{r} = update_{r}({values})", f"i += i_{r}", f"g += g_{r}"]
        return lines

    def _spike(self) -> str:
        u = self.update
        name, threshold = u.variable, u.threshold
        if threshold in (*u.constants, *u.varied):
            threshold = self.value(threshold)
        # A jump over the threshold counts, even if the variable has fallen back by the end of the substep.
        reached = f"(new_{name} >= {threshold})" + f" | (v >= {threshold})" * (self.jumps and name == "v")
        below = f"(state_{name}[j] < {threshold}) & " * u.crossing
        return "ready & " * u.refractory + f"{below}({reached})"

    def _reset(self, news: list[str]) -> list[str]:
        u = self.update
        if not u.reset_arguments:
            return []
        after = [f"reset_{name}" for name in self.own]
        values = self._model_values(u.reset_arguments, dict(zip(self.own, news, strict=True)))
        chosen = [f"{new} = {reset} if spike != 0 else {new}" for new, reset in zip(news, after, strict=True)]
        return [f"{', '.join(after)} = reset({values})", *chosen]

    def arrivals(self) -> str:
        """Functions that take what arrives at a tile into the states of receptors, as ``stimulate.move`` does."""
        text = ""
        for r, receptor in enumerate(self.update.receptors):
            if receptor.acts == ON_ITSELF:
                arrays, parameters = self._arrays(r, receptor)
                news = ", ".join(f"state_{r}_{name}[j]" for name in receptor.states)
                lines = [
                    "w = line[j]",
                    "beyond = np.int64(not abs(w) < limit)",
                    "line[j] = w if beyond else 0.0",
                    "n_beyond += beyond",
                    f"{news} = arrive_{r}({self._receptor_values(r, receptor.arrive_arguments)})",
                ]
                arguments = ", ".join([f"state_{name}" for name in arrays] + [f"param_{name}" for name in parameters])
                text += (
                    f"\n@kernel\ndef take_{r}(line, limit, {arguments}):\n    vector_loop()\n    n_beyond = 0\n"
                    f"    for j in range(line.shape[0]):\n{_indented(lines, 2)}\n    return n_beyond == 0\n\n"
                )
        return text

    def _arrays(self, r: int, receptor: ReceptorForm) -> tuple[list[str], list[str]]:
        """States of a receptor, and the parameters that ``arrive`` uses."""
        names = [f"{r}_{name}" for name in receptor.arrive_arguments]
        return [f"{r}_{name}" for name in receptor.states], [p for p in self.parameters() if p in names]

    def arrive(self) -> list[str]:
        """What to do with what arrives at each receptor."""
        lines = []
        for r, receptor in enumerate(self.update.receptors):
            if receptor.acts == ON_ITSELF:
                arrays, parameters = self._arrays(r, receptor)
                arguments = [f"state_{name}" for name in arrays] + [self.parameter(name) for name in parameters]
                take = f"take_{r}(line, limits[{r}], {', '.join(arguments)})"
            else:
                take = f"move(line, limits[{r}], {'current' if receptor.acts == ON_CURRENT else 'jump'})"
            lines += [
                f"if used[{r}]:",
                f"    line = ring[{r}, slot, a:b]",
                f"    drive(line, inputs, {r}, a, step + k, k, scratch)",
                f"    if not {take}:",
                f"        status |= beyond_limit(line, limits[{r}], a, {r}, outcome)",
            ]
        return lines

    def rounded_tiles(self) -> list[str]:
        """What comes from outside is summed in double precision; in single precision these are its rounded values."""
        return [f"{name} = rounded[{row}, : b - a]" for row, name in enumerate(self.driven)] * self.update.single

    def round(self) -> list[str]:
        """Round what comes from outside."""
        changing = ["current"] + ["conductance"] * self.update.conductance
        lines = ["if filling:", *(f"    narrow({name}, {name}_32)" for name in changing)]
        return (lines + ["narrow(jump, jump_32)", "jump[:] = 0.0"] * self.jumps) * self.update.single

    def or_currents(self) -> str:
        """The rest of the condition under which the injected current changes from step to step."""
        places = [r for r, receptor in enumerate(self.update.receptors) if receptor.acts == ON_CURRENT]
        return "".join(f" or used[{r}]" for r in places)

    def parameters(self) -> list[str]:
        """Names of all parameters, in the order in which they are passed."""
        return [*self.update.constants, *self.update.varied]

    def parameter(self, name: str) -> str:
        """A parameter, or a tile of it, in the frame."""
        if name in self.update.constants:
            return f"constants[{1 + self.update.constants.index(name)}]"
        return f"varied[{self.update.varied.index(name)}, a:b]"


def _indented(lines: list[str], depth: int) -> str:
    return "\n".join(f"{'    ' * depth}{line}" for line in lines)


def source_of_advance(update: Update, imports: list[str]) -> str:
    """Text of the module that integrates one model.

    Parameters
    ----------
    update : Update
    imports : list of str
        Statements that import the scalar functions of model and receptors.

    Returns
    -------
    str
    """
    text = _Text(update)
    parameters = text.parameters()
    names = [f"state_{name}" for name in update.states]
    loops = _LOOPS.format(
        state_arrays=", ".join(names),
        parameter_arguments="".join(f", param_{name}" for name in parameters),
        body=_indented(text.body(), 2),
        arrivals=text.arrivals(),
        first_state=update.states[0],
        difference=" + ".join(f"({name}[j] - {name}[j])" for name in names),
        whole=update.whole,
    )
    if update.single:
        clear = [f"{name}[j] = 0.0 if abs({name}[j]) < {TINY} else {name}[j]" for name in names]
        loops += _CLEAR.format(state_arrays=", ".join(names), first_state=names[0], clear=_indented(clear, 2))
    return _FRAME.format(
        name=update.name,
        imports="\n".join(imports),
        loops=single_precision(loops) if update.single else loops,
        whole=update.whole,
        tile="2 * TILE" if update.single else "TILE",
        or_currents=text.or_currents(),
        tiles=_indented([f"{name} = states[{row}, a:b]" for row, name in enumerate(names)] + text.rounded_tiles(), 2),
        arrive=_indented([*text.arrive(), *text.round()], 3),
        driven=", ".join(text.driven),
        state_names=", ".join(names),
        parameter_values="".join(f", {text.parameter(name)}" for name in parameters),
        after_substep=_indented([f"{text.driven[-1]}[:] = 0.0"] * text.jumps, 4),
        after_substeps=_indented([f"clear_tiny({', '.join(names)})"] * update.single, 3),
        arrays=_indented(source_of_arrays(arrays_of(update.precision)), 1),
        inputs=", ".join(_INPUTS),
    )
