"""The source of a model's kernels: the loops around the scalar functions of a model and its receptors.

Nothing here is compiled. ``source_of_frame`` returns the text of a module; ``kernels.integrate`` compiles it.
"""

from __future__ import annotations

from typing import NamedTuple

from .single import single_precision

# What a receptor acts on.
ON_ITSELF, ON_CURRENT, ON_V = "itself", "current", "v"

# In single precision, what nothing feeds falls below the smallest normal number within 80 of its time constants, and
# arithmetic with such numbers takes ten times longer. So after each network step this counts as nothing.
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
        States, parameters, and any of ``i``, ``g``, ``dt`` and ``noise``. No ``reset_arguments``: no reset.
    states : tuple of str
        State variables, in the order in which they are returned. A receptor's are called ``"0_g"`` and so on by its
        number, and follow those of the model.
    constants, varied : tuple of str
        Parameters that are one number for all neurons, and those that are an array; a receptor's ``"0_tau"``.
    variable, threshold : str
        A spike is seen in this state; the threshold is a number or the name of a parameter or state.
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
    def noisy(self) -> bool:
        """Whether the update takes ``noise``, a standard normal number for each neuron and substep."""
        return "noise" in self.update_arguments

    @property
    def whole(self) -> str:
        """A type of whole numbers as wide as the states: loops over lanes of both widths are slow."""
        return "np.int32" if self.single else "np.int64"


_FRAME = '''"""Fused kernel of {name}, written by neurocore_nb.kernels.frame."""

import numpy as np
from numpy import float32

from neurocore_nb.kernels.advance import (
    CONDUCTANCE, CROSSED, CURRENT, JUMP, N_SCRATCH, ROUNDED, SCRATCH, STATUS, TILE
)
from neurocore_nb.kernels.arrays import (
    constants_{real}, fired_of, limits_of, outcome_of, ring_of, settings_of, states_{real}, table_at, used_of,
    varied_{real}
)
from neurocore_nb.kernels.integrate import beyond_limit, note_spikes
from neurocore_nb.kernels.intrinsics import array_at, fma, interleave, stretch, vector_loop
from neurocore_nb.kernels.jit import kernel
from neurocore_nb.kernels.stimulate import NOT_FINITE, move, narrow, standard_normals
{imports}


{loops}

def step_tile(table, w, a, b, slot, now, origin, last, scratch):
    arrays = table_at(table)
    states, constants, varied = states_{real}(arrays), constants_{real}(arrays), varied_{real}(arrays)
    ring, used, limits = ring_of(arrays), used_of(arrays), limits_of(arrays)
    outcome = outcome_of(arrays)[w]
    tile = {tile}
    whole = array_at(scratch, (N_SCRATCH, tile), np.float64)
    rounded = array_at(scratch + 8 * tile * ROUNDED, (4, tile), np.float32)
    n = b - a
    current, conductance = stretch(whole, CURRENT, 0, n), stretch(whole, CONDUCTANCE, 0, n)
    jump, crossed = stretch(whole, JUMP, 0, n), array_at(scratch + 8 * tile * CROSSED, n, {whole})
    n_substeps, first_id = settings_of(arrays)[0], settings_of(arrays)[1]
    dt = constants[0]
{tiles}
{arrive}
    for s in range(n_substeps):
{noise}        if substep({state_names}, {driven}, crossed, dt{parameter_values}) > 0:
            note_spikes(crossed, first_id + a, now - origin, s + 1, fired_of(arrays)[w], outcome)
{after}
    if last != 0 and not finite:
        outcome[STATUS] |= NOT_FINITE
'''
_LOOPS = """@kernel
def substep({state_arrays}, current, conductance, jump{noise}, crossed, dt{parameter_arguments}):
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
def check({state_arrays}):
    vector_loop()
    n_bad = {whole}(0)
    for j in range(state_{first_state}.shape[0]):
{clear}
        n_bad = {whole}(n_bad + {whole}(not {product} == 0.0))  # inf and nan times 0 are nan
    return n_bad == 0
"""
N_ARGUMENTS = 9  # of step_tile: table, slice, tile (2), slot, step, that to count from, whether it's the last, scratch


class FrameText:
    """Writes the parts of the frame that depend on the model."""

    def __init__(self, update: Update) -> None:
        self.update = update
        self.own = [name for name in update.states if not name[0].isdigit() and name != "refractory"]
        self.jumps = any(receptor.acts == ON_V for receptor in update.receptors)
        given = ["current", "conductance", "jump", *["noise"] * update.noisy]
        self.driven = [f"{name}{'_32' * update.single}" for name in given]

    def value(self, name: str) -> str:
        """A state's or parameter's value for neuron j, as an expression."""
        if name in self.update.states:
            return f"state_{name}[j]"
        if name in self.update.varied:
            return f"param_{name}[j]"
        return f"param_{name}"

    def _model_values(self, names: tuple[str, ...], states: dict[str, str]) -> str:
        given = {"i": "i", "g": "g", "dt": "dt", "noise": "noise[j]"} | states
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
        name, threshold, before = u.variable, u.threshold, u.threshold
        if threshold in u.states:
            threshold, before = f"new_{threshold}", f"state_{threshold}[j]"
        elif threshold in (*u.constants, *u.varied):
            threshold = before = self.value(threshold)
        # A jump over the threshold counts, even if the variable has fallen back by the end of the substep.
        reached = f"(new_{name} >= {threshold})" + f" | (v >= {threshold})" * (self.jumps and name == "v")
        below = f"(state_{name}[j] < {before}) & " * u.crossing
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
                    "n_beyond = np.int64(n_beyond + beyond)",  # as a float32 it would have to be summed in order
                    f"{news} = arrive_{r}({self._receptor_values(r, receptor.arrive_arguments)})",
                ]
                arguments = ", ".join([f"state_{name}" for name in arrays] + [f"param_{name}" for name in parameters])
                text += (
                    f"\n@kernel\ndef take_{r}(line, limit, {arguments}):\n"
                    f"    vector_loop()\n    n_beyond = np.int64(0)\n"
                    f"    for j in range(line.shape[0]):\n{indented(lines, 2)}\n    return n_beyond == np.int64(0)\n\n"
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
                f"    line = stretch(ring, ({r}, slot), a, b)",
                f"    if not {take}:",
                f"        outcome[STATUS] |= beyond_limit(line, limits[{r}], a, {r}, outcome)",
            ]
        return lines

    def round(self) -> list[str]:
        """What comes from outside is summed in double precision; in single precision, take its rounded values."""
        if not self.update.single:
            return []
        given = "current", "conductance", "jump"
        lines = [f"{name}_32 = stretch(rounded, {row}, 0, n)" for row, name in enumerate(given)]
        lines += ["narrow(current, current_32)"]
        lines += ["narrow(conductance, conductance_32)"] * self.update.conductance
        return lines + ["narrow(jump, jump_32)", "jump[:] = 0.0"] * self.jumps

    def noise(self) -> list[str]:
        """Statements that draw a number for each neuron in a substep."""
        if not self.update.noisy:
            return []
        lines = ["standard_normals(noise_key, first_neuron + a, now * n_substeps + s, noise)"]
        return lines + ["narrow(noise, noise_32)"] * self.update.single

    def before(self) -> list[str]:
        """Statements before the first substep, for the same."""
        if not self.update.noisy:
            return []
        lines = [
            "noise_key, first_neuron = np.uint64(settings_of(arrays)[3]), settings_of(arrays)[4]",
            "noise = stretch(whole, SCRATCH, 0, n)",
        ]
        return lines + ["noise_32 = stretch(rounded, 3, 0, n)"] * self.update.single

    def after(self) -> list[str]:
        """Statements that end a substep."""
        pulses = [r for r, receptor in enumerate(self.update.receptors) if receptor.acts == ON_CURRENT]
        lines = [f"    {self.driven[2]}[:] = 0.0"] * self.jumps
        check = f"check({', '.join(f'state_{name}' for name in self.update.states)})"
        lines += [f"finite = {check}" if self.update.single else f"finite = last == 0 or {check}"]
        for r in pulses:  # what is injected is summed anew in each step; without it, pulses have to be cleared
            lines += [f"if used[{r}]:", "    current[:] = 0.0"]
        return lines

    def parameters(self) -> list[str]:
        """Names of all parameters, in the order in which they are passed."""
        return [*self.update.constants, *self.update.varied]

    def parameter(self, name: str) -> str:
        """A parameter, or a tile of it, in the frame."""
        if name in self.update.constants:
            return f"constants[{1 + self.update.constants.index(name)}]"
        return f"stretch(varied, {self.update.varied.index(name)}, a, b)"


def indented(lines: list[str], depth: int) -> str:
    """Lines as a text, so many levels deep."""
    return "\n".join(f"{'    ' * depth}{line}" for line in lines)


def _times_zero(values: list[str]) -> str:
    """The sum of some values, each times 0."""
    text = f"{values[0]} * 0.0"
    for value in values[1:]:
        text = f"fma({value}, 0.0, {text})"
    return text


def source_of_frame(update: Update, imports: list[str]) -> str:
    """Text of the module with the kernels of one model.

    Parameters
    ----------
    update : Update
    imports : list of str
        Statements that import the scalar functions of model and receptors.

    Returns
    -------
    str
    """
    text = FrameText(update)
    parameters = text.parameters()
    names = [f"state_{name}" for name in update.states]
    clear = [f"{name}[j] = 0.0 if abs({name}[j]) < {TINY} else {name}[j]" for name in names]
    loops = _LOOPS.format(
        state_arrays=", ".join(names),
        first_state=update.states[0],
        noise=", noise" * update.noisy,
        parameter_arguments="".join(f", param_{name}" for name in parameters),
        body=indented(text.body(), 2),
        arrivals=text.arrivals(),
        clear=indented(clear * update.single, 2),
        product=_times_zero([f"{name}[j]" for name in names]),
        whole=update.whole,
    )
    if update.single:
        loops = single_precision(loops)
    return _FRAME.format(
        name=update.name,
        imports="\n".join(imports),
        loops=loops,
        whole=update.whole,
        tile="2 * TILE" if update.single else "TILE",
        real="32_of" if update.single else "of",
        tiles=indented([f"{name} = stretch(states, {row}, a, b)" for row, name in enumerate(names)], 1),
        arrive=indented([*text.arrive(), *text.round(), *text.before()], 1),
        driven=", ".join(text.driven),
        noise="".join(f"        {line}\n" for line in text.noise()),
        state_names=", ".join(names),
        parameter_values="".join(f", {text.parameter(name)}" for name in parameters),
        after=indented(text.after(), 1),
    )
