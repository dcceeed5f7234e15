"""The kernels of models and receptors, for other codes.

``model_kernel`` and ``receptor_kernel`` compile what a model or receptor declares into functions on plain arrays and
on numbers, with the same signature for all of them. They can be called from Python, from other ``@njit`` functions,
also inside their ``prange`` loops, and from C. Their results have the same bits as those of a network.

Time is in ms here, as within models; potentials in mV, currents and conductances in the model's units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .frame import Update
from .generated import load_module
from .integrate import make_frame, scalar_module
from .jit import c_address
from .library_texts import source_of_kernel, source_of_receptor_kernel

FloatArray = npt.NDArray[np.float64]

VERSION = 1  # of the signatures below; grows when one of them changes

C_DECLARATIONS = """#include <stdint.h>

/* Of all models. Arrays are those of Python's `advance`; n is their number of columns; the substep is that of
   `constants`. Returns how many neurons have fired. */
typedef int64_t (*model_kernel)(
    double *states, const double *current, const double *conductance, const double *noise, int64_t *fired,
    const double *constants, const double *varied, int64_t n, int64_t begin, int64_t end);

/* Of all receptors. */
typedef void (*receptor_arrive)(
    double *states, const double *weights, const double *constants, int64_t n, int64_t begin, int64_t end);
typedef void (*receptor_advance)(
    double *states, const double *v, double *current, double *conductance, const double *constants, int64_t n,
    int64_t begin, int64_t end);
"""


@dataclass(frozen=True)
class ModelKernel:
    """A model's compiled functions with their parameters; from :func:`model_kernel`.

    Attributes
    ----------
    name : str
        Of the model.
    states : tuple of str
        State variables, rows of ``states`` below. A model with a refractory time has one more, ``refractory``.
    initial : float64[n_states]
    parameters : tuple of str
        What ``constants`` holds, the substep first. They follow from the model's parameters, and may be others in
        another version.
    varied_parameters : tuple of str
        What the rows of ``varied`` are.
    constants : float64[n_constants]
    varied : float64[n_varied, n]
    noisy : bool
        Whether ``noise`` is used.
    advance : function
        ``advance(states, current, conductance, noise, fired, constants, varied, begin, end)`` takes neurons ``begin``
        to ``end - 1`` through one substep and returns how many of them fired.

        - ``states`` float64[n_states, n], modified in place
        - ``current``, ``conductance`` float64[n]: the injected current is ``current - conductance * v``
        - ``noise`` float64[n]: standard normal numbers; of length 0 unless ``noisy``
        - ``fired`` int64[n], overwritten: 1 where a neuron fired
        - ``constants``, ``varied`` as above

        All are C-contiguous, and what is modified overlaps no other. It vectorises, runs on one thread and releases
        the GIL. Arrays that don't fit each other raise TypeError or ValueError; inside a ``prange`` loop, where Numba
        drops errors, nothing is done then; from C a message is printed.
    scalar : function
        ``scalar(state, current, conductance, noise, constants)`` is the same for one neuron of the model whose
        parameters are ``constants``, followed by its own of those that are varied: numbers, and sequences of numbers,
        such as tuples. Returns the new state as a tuple, and 1 or 0. It becomes part of the loop that calls it, which
        must know how long the sequences are, and doesn't check it.
    """

    name: str
    states: tuple[str, ...]
    initial: FloatArray
    parameters: tuple[str, ...]
    varied_parameters: tuple[str, ...]
    constants: FloatArray
    varied: FloatArray
    noisy: bool
    advance: Callable[..., int]
    scalar: Callable[..., Any]
    _c_function: Callable[..., int]

    @property
    def address(self) -> int:
        """Address of ``advance`` as a C function, ``model_kernel`` of ``C_DECLARATIONS``; compiled when asked for."""
        doubles = ["double*"] * 4 + ["int64*"] + ["double*"] * 2
        return c_address(self._c_function, "int64", *doubles, "int64", "int64", "int64")

    def start(self, n: int) -> FloatArray:
        """States of n neurons at the start, shape (n_states, n)."""
        return np.repeat(self.initial[:, np.newaxis], n, axis=1)


def model_kernel(model: Any, dt: float, **parameters: Any) -> ModelKernel:
    """Compile a model for use on one's own arrays.

    Parameters
    ----------
    model : NeuronModel class
    dt : float
        Substep in ms.
    **parameters : float or array of shape (n,)
        Those that are not to have their defaults; arrays where neurons differ.

    Returns
    -------
    ModelKernel

    Raises
    ------
    TypeError, ValueError
        If it isn't a model, the model has no such parameter, or a value is not legal.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocore_nb.kernels import model_kernel
    >>> from neurocore_nb.neurons import HodgkinHuxleyNeuron
    >>> hh = model_kernel(HodgkinHuxleyNeuron, dt=0.01)
    >>> states, fired, nothing = hh.start(3), np.zeros(3, np.int64), np.zeros(3)
    >>> current, spikes = np.array([0.0, 10.0, 20.0]), np.zeros(3, int)  # uA/cm2
    >>> for _ in range(5000):  # 50 ms
    ...     n_fired = hh.advance(states, current, nothing, nothing[:0], fired, hh.constants, hh.varied, 0, 3)
    ...     spikes += fired
    >>> spikes
    array([0, 4, 5])
    >>> state, spike = hh.scalar(tuple(hh.initial), 10.0, 0.0, 0.0, tuple(hh.constants))
    >>> round(state[0], 3), spike
    (-64.9, 0)
    """
    _check_time(dt, "dt")
    _check_model(model)
    declared = model.parameters
    given = {name: _checked(model.__name__, declared, name, value) for name, value in parameters.items()}
    sizes = {name: value.size for name, value in given.items() if isinstance(value, np.ndarray)}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"{model.__name__}: parameters of different lengths: {sizes}; each needs one value per neuron")
    n = max(sizes.values(), default=0)
    values = model.all_parameters({name: one.default for name, one in declared.items()} | given, dt)
    varied = {name for name, value in values.items() if isinstance(value, np.ndarray)}
    update: Update = model.compiled_form(varied, conductance=True)
    frame = make_frame(update)
    functions = load_module(source_of_kernel(update, frame.__name__), f"{update.name}_kernel")
    return ModelKernel(
        name=update.name,
        states=update.states,
        initial=np.array([state.initial for state in model.all_states().values()]),
        parameters=("dt", *update.constants),
        varied_parameters=update.varied,
        constants=np.array([dt, *(values[name] for name in update.constants)]),
        varied=np.array([np.broadcast_to(values[name], n) for name in update.varied]).reshape(len(update.varied), n),
        noisy=update.noisy,
        advance=functions.advance,
        scalar=functions.scalar,
        _c_function=functions.c_advance,
    )


@dataclass(frozen=True)
class ReceptorKernel:
    """A receptor's compiled functions with their parameters; from :func:`receptor_kernel`.

    In a substep of a network what arrives is taken first, then all receptors are advanced, then the model.

    Attributes
    ----------
    name : str
        Of the receptor's class.
    states : tuple of str
        State variables, rows of ``states`` below.
    initial : float64[n_states]
    parameters : tuple of str
        What ``constants`` holds; as for :class:`ModelKernel`.
    constants : float64[n_constants]
    arrive : function
        ``arrive(states, weights, constants, begin, end)``: weights float64[n], one sum for each neuron, arrive at the
        start of a network step; ``states`` float64[n_states, n] is modified in place.
    advance : function
        ``advance(states, v, current, conductance, constants, begin, end)`` takes the receptor through a substep during
        which the potential starts at ``v`` float64[n], and adds what acts on the membrane to ``current`` and
        ``conductance`` float64[n]. As to arrays, threads and errors as for :class:`ModelKernel`.
    scalar_arrive, scalar_advance : function
        The same for one neuron: ``scalar_arrive(state, weight, constants)`` returns the new state,
        ``scalar_advance(state, v, constants)`` the new state, current and conductance.
    """

    name: str
    states: tuple[str, ...]
    initial: FloatArray
    parameters: tuple[str, ...]
    constants: FloatArray
    arrive: Callable[..., None]
    advance: Callable[..., None]
    scalar_arrive: Callable[..., Any]
    scalar_advance: Callable[..., Any]
    _c_arrive: Callable[..., None]
    _c_advance: Callable[..., None]

    @property
    def arrive_address(self) -> int:
        """Address of ``arrive`` as a C function, ``receptor_arrive`` of ``C_DECLARATIONS``."""
        return c_address(self._c_arrive, "void", *["double*"] * 3, "int64", "int64", "int64")

    @property
    def advance_address(self) -> int:
        """Address of ``advance`` as a C function, ``receptor_advance`` of ``C_DECLARATIONS``."""
        return c_address(self._c_advance, "void", *["double*"] * 5, "int64", "int64", "int64")

    def start(self, n: int) -> FloatArray:
        """States of n neurons at the start, shape (n_states, n)."""
        return np.repeat(self.initial[:, np.newaxis], n, axis=1)


def receptor_kernel(receptor: Any, dt: float, tau_m: float = np.inf) -> ReceptorKernel:
    """Compile a receptor for use on one's own arrays.

    Parameters
    ----------
    receptor : Receptor
        With its parameters, which must be numbers.
    dt : float
        Substep in ms.
    tau_m : float
        Time constant of the membrane in ms where it is linear, as of a ``LIFNeuron``: currents are exact then, too.

    Returns
    -------
    ReceptorKernel

    Raises
    ------
    TypeError, ValueError
        If it isn't a receptor with states of its own, or a value is not legal.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocore_nb.kernels import receptor_kernel
    >>> from neurocore_nb.synapses import ExpConductance
    >>> ampa = receptor_kernel(ExpConductance(tau=5.0, e_rev=0.0), dt=0.1)
    >>> states, current, conductance = ampa.start(2), np.zeros(2), np.zeros(2)
    >>> ampa.arrive(states, np.array([0.0, 1.0]), ampa.constants, 0, 2)
    >>> ampa.advance(states, np.full(2, -65.0), current, conductance, ampa.constants, 0, 2)
    >>> states, conductance.round(3)  # what is left, and the mean that acts meanwhile
    (array([[0.        , 0.98019867]]), array([0.  , 0.99]))
    """
    _check_time(dt, "dt")
    _check_time(tau_m, "tau_m", infinite=True)
    if isinstance(receptor, type) or not hasattr(receptor, "form"):
        raise TypeError(f"receptor must be a receptor with its parameters, such as ExpConductance(), not {receptor!r}")
    form = receptor.form()
    if not form.states:
        raise TypeError(
            f"{receptor!r} has no states: what arrives at it is a current for one network step, or makes v jump; "
            "add it to the current or to v yourself"
        )
    kind = type(receptor)
    given = {name: one.default for name, one in kind.parameters.items()} | receptor.given
    values = {name: _checked(kind.__name__, kind.parameters, name, value) for name, value in given.items()}
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            raise TypeError(f"{kind.__name__}: {name} must be one number here; make a kernel for each of its values")
    numbers = kind.all_parameters(values, dt, tau_m) | {"dt": dt}
    used = dict.fromkeys([*form.arrive_arguments, *form.update_arguments])
    names = [name for name in used if name in numbers and name not in form.states]
    module = scalar_module(form.name, form.source, single=False)
    functions = load_module(source_of_receptor_kernel(form, names, module.__name__), f"{form.name}_kernel")
    return ReceptorKernel(
        name=form.name,
        states=form.states,
        initial=np.array([state.initial for state in kind.states.values()]),
        parameters=tuple(names),
        constants=np.array([numbers[name] for name in names], np.float64),
        arrive=functions.arrive_all,
        advance=functions.advance,
        scalar_arrive=functions.scalar_arrive,
        scalar_advance=functions.scalar_advance,
        _c_arrive=functions.c_arrive,
        _c_advance=functions.c_advance,
    )


def _check_time(time: Any, name: str, infinite: bool = False) -> None:
    number = isinstance(time, int | float | np.integer | np.floating) and not isinstance(time, bool)
    if not (number and time > 0.0 and (infinite or time < np.inf)):
        raise ValueError(f"{name} must be a positive number of ms, not {time!r}")


def _check_model(model: Any) -> None:
    if not (isinstance(model, type) and hasattr(model, "compiled_form")):
        raise TypeError(f"model must be the class of a model, such as HodgkinHuxleyNeuron, not {model!r}")


def _checked(owner: str, declared: Any, name: str, value: Any) -> Any:
    """A parameter's value as a float or as an array of shape (n,)."""
    if name not in declared:
        raise TypeError(f"{owner}: parameter {name!r} is unknown; it has {', '.join(declared) or 'none'}")
    array, one = np.asarray(value), declared[name]
    if array.dtype.kind not in "iuf" or array.ndim > 1:
        raise TypeError(
            f"{owner}: {name} must be a number or one number per neuron, in {one.unit or '1'}, not {value!r}"
        )
    array = array.astype(np.float64)
    if not (np.isfinite(array) & (array >= one.low) & (array > one.above)).all():
        least = f"above {one.above:g}" if np.isfinite(one.above) else f"at least {one.low:g}"
        raise ValueError(f"{owner}: {name} = {value!r} {one.unit}: must be finite, and {least}")
    return array if array.ndim else float(array)
