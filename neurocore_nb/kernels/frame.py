"""The source of a population's kernel: the loops around the scalar functions of a model and its receptors.

Nothing here is compiled. ``source_of_advance`` returns the text of a module; ``kernels.integrate`` compiles it.
"""

from __future__ import annotations

from typing import NamedTuple

from .single import single_precision

# What a receptor acts on.
ON_ITSELF, ON_CURRENT, ON_V = "itself", "current", "v"


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
    single: bool = False

    @property
    def whole(self) -> str:
        """The type of whole numbers that is as wide as states: a loop over both kinds of lanes would be slow."""
        return "np.int32" if self.single else "np.int64"


_FRAME = '''"""Fused kernel of {name}, written by neurocore_nb.kernels.frame."""

import numpy as np
from numba import prange
from numpy import float32, float64

from neurocore_nb.kernels.deliver import deliver
from neurocore_nb.kernels.integrate import (
    DELIVER_NS, N_FIRED, RECEPTOR, STATUS, TILE, WHERE, note_spikes, summary
)
from neurocore_nb.kernels.jit import interleave, kernel, nanoseconds, parallel_kernel, vector_loop
from neurocore_nb.kernels.stimulate import (
    FINE, NOT_FINITE, add, all_below, first_beyond, inject, narrow, receive
)
{imports}

{loops}

@kernel
def advance_slice(begin, end, states, constants, varied, inputs, blocks, spikes, spikes_from, step, n_steps,
                  n_substeps, dt, fired, outcome):
    started = nanoseconds()
    deliver(inputs.ring, spikes_from, spikes, blocks)
    outcome[DELIVER_NS] = nanoseconds() - started
    status = FINE
    n_fired = 0
    whole_arriving, whole_scratch, whole_crossed = np.empty(TILE), np.empty(TILE), np.empty(TILE, {whole})
    whole_current, whole_conductance, whole_jump = np.zeros(TILE), np.zeros(TILE), np.zeros(TILE)
    narrow_current, narrow_conductance, narrow_jump = (
        np.zeros(TILE, np.float32), np.zeros(TILE, np.float32), np.zeros(TILE, np.float32))
    for a in range(begin, end, TILE):
        b = min(a + TILE, end)
        arriving, scratch, crossed = whole_arriving[: b - a], whole_scratch[: b - a], whole_crossed[: b - a]
        current, conductance, jump = whole_current[: b - a], whole_conductance[: b - a], whole_jump[: b - a]
        current_32, conductance_32, jump_32 = narrow_current[: b - a], narrow_conductance[: b - a], narrow_jump[: b - a]
        for k in range(n_steps):
            inject(current, conductance, inputs, a, step + k, k, scratch)
            for receptor in range({n_receptors}):
                if inputs.used[receptor]:
                    received = receive(arriving, inputs, receptor, a, step + k, k, scratch)
                    if received != FINE:
                        status |= received
                        outcome[WHERE] = a + first_beyond(arriving, inputs.limits[receptor])
                        outcome[RECEPTOR] = receptor
{arrive}
{before_substeps}
            for s in range(n_substeps):
                if substep({state_slices}, {inputs}, crossed, dt{parameter_values}) > 0:
                    n_fired = note_spikes(crossed, a, k * n_substeps + s + 1, fired, n_fired)
{after_substep}
        for row in range(states.shape[0]):
            if n_steps > 0 and not all_below(states[row, a:b], np.inf):
                status |= NOT_FINITE
    outcome[N_FIRED] = n_fired
    outcome[STATUS] = status


@kernel
def advance_serial(bounds, states, constants, varied, inputs, blocks, spikes, spikes_from, step, n_steps, n_substeps,
                   dt, fired, outcome):
    for w in range(bounds.shape[0] - 1):
        advance_slice(bounds[w], bounds[w + 1], states, constants, varied, inputs, blocks[w], spikes, spikes_from,
                      step, n_steps, n_substeps, dt, fired[w], outcome[w])
    return summary(outcome)


@parallel_kernel
def advance_parallel(bounds, states, constants, varied, inputs, blocks, spikes, spikes_from, step, n_steps, n_substeps,
                     dt, fired, outcome):
    for w in prange(bounds.shape[0] - 1):
        advance_slice(bounds[w], bounds[w + 1], states, constants, varied, inputs, blocks[w], spikes, spikes_from,
                      step, n_steps, n_substeps, dt, fired[w], outcome[w])
    return summary(outcome)
'''

_SUBSTEP = '''
@kernel
def substep({state_arrays}, current, conductance, jump, crossed, dt{parameter_arguments}):
    vector_loop()
    n_crossed = {whole}(0)
    for j in range(crossed.shape[0]):
{body}
        crossed[j] = spike
        n_crossed = {whole}(n_crossed + spike)
        interleave()
    return n_crossed
'''


class _Text:
    """Writes the parts of the frame that depend on the model."""

    def __init__(self, update: Update) -> None:
        self.update = update
        self.own = [name for name in update.states if not name[0].isdigit() and name != "refractory"]
        self.jumps = any(receptor.acts == ON_V for receptor in update.receptors)

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
        given = {"w": "float32(arriving[j])" if self.update.single else "arriving[j]", "v": "v", "dt": "dt"}
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
        """Functions that take what arrives at a tile into the states of receptors."""
        text = ""
        for r, receptor in enumerate(self.update.receptors):
            if receptor.acts == ON_ITSELF:
                arrays, parameters = self._arrays(r, receptor)
                news = ", ".join(f"state_{r}_{name}[j]" for name in receptor.states)
                values = self._receptor_values(r, receptor.arrive_arguments)
                text += (
                    f"\n@kernel\ndef take_{r}(arriving, {', '.join(f'state_{a}' for a in arrays)}"
                    f"{''.join(f', param_{p}' for p in parameters)}):\n    vector_loop()\n"
                    f"    for j in range(arriving.shape[0]):\n        {news} = arrive_{r}({values})\n\n"
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
            lines.append(f"if receptor == {r}:")
            if receptor.acts == ON_ITSELF:
                arrays, parameters = self._arrays(r, receptor)
                arguments = [self.row(name) for name in arrays] + [self.parameter(name) for name in parameters]
                lines.append(f"    take_{r}(arriving, {', '.join(arguments)})")
            else:
                lines.append(f"    add({'current' if receptor.acts == ON_CURRENT else 'jump'}, arriving)")
        return lines

    def parameters(self) -> list[str]:
        """Names of all parameters, in the order in which they are passed."""
        return [*self.update.constants, *self.update.varied]

    def row(self, state: str) -> str:
        """A tile of a state variable, in the frame."""
        return f"states[{self.update.states.index(state)}, a:b]"

    def parameter(self, name: str) -> str:
        """A parameter, or a tile of it, in the frame."""
        if name in self.update.constants:
            return f"constants[{self.update.constants.index(name)}]"
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
    inputs = ["current", "conductance", "jump"]
    loops = _SUBSTEP.format(
        state_arrays=", ".join(f"state_{name}" for name in update.states),
        parameter_arguments="".join(f", param_{name}" for name in parameters),
        body=_indented(text.body(), 2),
        whole=update.whole,
    ) + text.arrivals()
    if update.single:
        loops = single_precision(loops)
    return _FRAME.format(
        name=update.name,
        imports="\n".join(imports),
        loops=loops,
        whole=update.whole,
        before_substeps=_indented([f"narrow({name}, {name}_32)" for name in inputs] * update.single, 3),
        inputs=", ".join(name + "_32" * update.single for name in inputs),
        n_receptors=len(update.receptors),
        arrive=_indented(text.arrive(), 5),
        state_slices=", ".join(text.row(name) for name in update.states),
        parameter_values="".join(f", {text.parameter(name)}" for name in parameters),
        after_substep=_indented(["jump[:] = 0.0"] * text.jumps, 4),
    )
