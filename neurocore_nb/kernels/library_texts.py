"""The source of the kernels that other codes call: the frame of ``kernels.frame`` without tiles and tables."""

from __future__ import annotations

from .frame import FrameText, ReceptorForm, Update, indented

_MODEL = '''"""Kernels of {name} for other codes, written by neurocore_nb.kernels.library_texts."""

import numpy as np
from numba import carray

from neurocore_nb.kernels.jit import inlined, kernel
from {frame} import {functions}

FLOAT64 = np.dtype(np.float64)


@inlined
def scalar(state, current, conductance, noise, constants):
    dt = constants[0]
{unpack}
{body}
    return ({state_names},), spike


@kernel
def advance(states, current, conductance, noise, fired, constants, varied, begin, end):
{checks}
{rows}
    i, g = current[begin:end], conductance[begin:end]
    return substep({state_rows}, i, g, i{noise}, fired[begin:end], constants[0]{parameters})


def c_advance(states, current, conductance, noise, fired, constants, varied, n, begin, end):
    return advance(
        carray(states, ({n_states}, n)), carray(current, n), carray(conductance, n), carray(noise, {noise_room}),
        carray(fired, n), carray(constants, {n_constants}), carray(varied, ({n_varied}, n)), begin, end
    )
'''

_RECEPTOR = '''"""Kernels of {name} for other codes, written by neurocore_nb.kernels.library_texts."""

import numpy as np
from numba import carray

from neurocore_nb.kernels.intrinsics import vector_loop
from neurocore_nb.kernels.jit import inlined, kernel
from {module} import arrive as _arrive, update as _update

FLOAT64 = np.dtype(np.float64)


@inlined
def scalar_arrive(state, w, constants):
{unpack}
    {news} = _arrive({arrive_values})
    return ({news},)


@inlined
def scalar_advance(state, v, constants):
{unpack}
    {news}, i, g = _update({update_values})
    return ({news},), i, g


@kernel
def _take(w, {arrays}{parameters}):
    vector_loop()
    for j in range(w.shape[0]):
        {elements} = _arrive({arrive_elements})


@kernel
def _go_on(v, current, conductance, {arrays}{parameters}):
    vector_loop()
    for j in range(v.shape[0]):
        {elements}, i, g = _update({update_elements})
        current[j] += i
        conductance[j] += g


@kernel
def arrive_all(states, weights, constants, begin, end):
{arrive_checks}
    _take(weights[begin:end], {rows}{numbers})


@kernel
def advance(states, v, current, conductance, constants, begin, end):
{advance_checks}
    _go_on(v[begin:end], current[begin:end], conductance[begin:end], {rows}{numbers})


def c_arrive(states, weights, constants, n, begin, end):
    arrive_all(carray(states, ({n_states}, n)), carray(weights, n), carray(constants, {n_constants}), begin, end)


def c_advance(states, v, current, conductance, constants, n, begin, end):
    advance(
        carray(states, ({n_states}, n)), carray(v, n), carray(current, n), carray(conductance, n),
        carray(constants, {n_constants}), begin, end
    )
'''


def _checks(what: str, states: list[str], columns: list[str], n_constants: int, n_varied: int = 0) -> str:
    """Statements that raise an error where arrays don't fit each other; compiled, they take some nanoseconds.

    Numba leaves out at compile time what depends on types alone.
    """
    shape = f"({len(states)}, n), of {', '.join(states)}"
    fitting = [f"{name}.shape[0] == n" for name in columns] + [f"varied.shape == ({n_varied}, n)"] * bool(n_varied)
    named = ", ".join([*columns, *["each row of varied"] * bool(n_varied)])
    lines = [
        "if states.ndim != 2:",
        f"    raise TypeError('{what}: states must be an array of shape {shape}')",
        "if not states.dtype == FLOAT64:",
        f"    raise TypeError('{what}: states must be an array of float64')",
        "n = states.shape[1]",
        f"if states.shape[0] != {len(states)}:",
        f"    raise ValueError('{what}: states must be an array of shape {shape}')",
        f"if not ({' and '.join(fitting)}):",
        f"    raise ValueError('{what}: {named} must have one value for each column of states')",
        f"if constants.shape[0] != {n_constants}:",
        f"    raise ValueError('{what}: there must be {n_constants} constants, those of this kernel')",
        "if not 0 <= begin <= end <= n:",
        f"    raise ValueError('{what}: begin and end must be from 0 to the number of columns, in this order')",
    ]
    return indented(lines, 1)


def source_of_kernel(update: Update, frame: str) -> str:
    """Text of the module with a model's kernels.

    Parameters
    ----------
    update : Update
    frame : str
        Name of the module with its loops, from ``kernels.integrate.make_frame``.

    Returns
    -------
    str
        Functions ``scalar``, ``advance`` and ``c_advance``; see ``kernels.library``.
    """
    text = FrameText(update)
    names = [f"state_{name}" for name in update.states]
    everything = [*update.constants, *update.varied]
    unpack = [f"{name} = state[{k}]" for k, name in enumerate(names)]
    unpack += [f"param_{name} = constants[{1 + k}]" for k, name in enumerate(everything)]
    values = [f"constants[{1 + k}]" for k in range(len(update.constants))]
    values += [f"varied[{k}, begin:end]" for k in range(len(update.varied))]
    return _MODEL.format(
        name=update.name,
        frame=frame,
        functions="substep, update" + ", reset" * bool(update.reset_arguments),
        unpack=indented(unpack, 1),
        body=indented([line.replace("[j]", "") for line in text.body()], 1),  # one neuron: nothing is an array
        state_names=", ".join(names),
        checks=_checks(
            f"{update.name}.advance",
            list(update.states),
            ["current", "conductance", *["noise"] * update.noisy, "fired"],
            1 + len(update.constants),
            len(update.varied),
        ),
        rows=indented([f"row_{k} = states[{k}, begin:end]" for k in range(len(names))], 1),
        state_rows=", ".join(f"row_{k}" for k in range(len(names))),
        noise=", noise[begin:end]" * update.noisy,
        noise_room="n" if update.noisy else "0",
        parameters="".join(f", {value}" for value in values),
        n_states=len(names),
        n_constants=1 + len(update.constants),
        n_varied=len(update.varied),
    )


def source_of_receptor_kernel(form: ReceptorForm, names: list[str], module: str) -> str:
    """Text of the module with a receptor's kernels.

    Parameters
    ----------
    form : ReceptorForm
    names : list of str
        Of its parameters, in their order in ``constants``.
    module : str
        Name of the module with its scalar functions.

    Returns
    -------
    str
        Functions ``arrive_all`` and ``advance``, their twins for one neuron and for C; see ``kernels.library``.
    """
    own = {name: f"s_{name}" for name in form.states} | {name: f"p_{name}" for name in names} | {"w": "w", "v": "v"}
    element = own | {name: f"s_{name}[j]" for name in form.states} | {"w": "w[j]", "v": "v[j]"}

    def values(arguments: tuple[str, ...], known: dict[str, str]) -> str:
        return ", ".join(known[name] for name in arguments)

    unpack = [f"s_{name} = state[{k}]" for k, name in enumerate(form.states)]
    unpack += [f"p_{name} = constants[{k}]" for k, name in enumerate(names)]
    return _RECEPTOR.format(
        name=form.name,
        module=module,
        unpack=indented(unpack, 1),
        news=", ".join(f"new_{name}" for name in form.states),
        arrays=", ".join(f"s_{name}" for name in form.states),
        parameters="".join(f", p_{name}" for name in names),
        elements=", ".join(f"s_{name}[j]" for name in form.states),
        arrive_values=values(form.arrive_arguments, own),
        update_values=values(form.update_arguments, own),
        arrive_elements=values(form.arrive_arguments, element),
        update_elements=values(form.update_arguments, element),
        rows=", ".join(f"states[{k}, begin:end]" for k in range(len(form.states))),
        numbers="".join(f", constants[{k}]" for k in range(len(names))),
        arrive_checks=_checks(f"{form.name}.arrive", list(form.states), ["weights"], len(names)),
        advance_checks=_checks(f"{form.name}.advance", list(form.states), ["v", "current", "conductance"], len(names)),
        n_states=len(form.states),
        n_constants=len(names),
    )
