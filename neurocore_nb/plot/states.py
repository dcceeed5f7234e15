"""Pictures of states over time, and of f-I curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..neurons.model import NeuronModel
from ..neurons.models import MODELS
from .canvas import COLORS, Limits, bare, colors_of, from_zero, legend, one_axes, several_axes, with_unit

_MOST_TRACES = 10  # that are drawn unless neurons are named
_MOST_NAMED = 10  # neurons in a legend


def traces(
    monitor: Any, variables: Sequence[str] | str | None = None, neurons: Sequence[int] | None = None, *, ax: Any = None,
    colors: Sequence[Any] | str | None = None, labels: Sequence[str] | None = None, xlim: Limits = None,
) -> Any:  # fmt: skip
    """States over time, a panel for each variable.

    Parameters
    ----------
    monitor : StateMonitor or AverageMonitor
        Or a ``WeightMonitor``, whose pairs count as neurons from 0 on.
    variables : sequence of str, optional
        By default all that were recorded.
    neurons : sequence of int, optional
        Their indices in the population; by default all that were recorded, or ten of them.
    ax : Axes, or one for each variable, optional
    colors, labels : sequence, optional
        For each neuron.
    xlim : tuple of float, optional
        From when to when, in s.

    Returns
    -------
    Axes, or with several variables an array of them

    Raises
    ------
    TypeError
        If it isn't a monitor of states.
    ValueError
        If a variable or a neuron wasn't recorded.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, StateMonitor, StepCurrent, plot
    >>> cells = Population(HodgkinHuxleyNeuron, 3, label="cells")
    >>> states = StateMonitor(cells, ("v", "m"))
    >>> report = Network(cells, StepCurrent(0.0, 0.05, [0.0, 5.0, 10.0]), states).run(0.05, dt=1e-4)
    >>> [ax.get_ylabel() for ax in plot.traces(states)]
    ['v (mV)', 'm (a fraction)']
    """
    if not hasattr(monitor, "variables"):
        raise TypeError(
            f"traces are of a StateMonitor, AverageMonitor or WeightMonitor, not of {monitor!r}; spikes are drawn by "
            "plot.raster(), rates by plot.rates()"
        )
    chosen = list(monitor.variables if variables is None else [variables] if isinstance(variables, str) else variables)
    for name in chosen:
        if name not in monitor.variables:
            raise ValueError(f"{monitor!r} has not recorded {name!r}; it has {', '.join(monitor.variables)}")
    columns, names = _columns(monitor, neurons)
    if labels is not None:
        if len(labels) != len(columns):
            raise ValueError(f"{len(labels)} labels for {len(columns)} traces; give one for each")
        names = list(labels)
    axes = several_axes(ax, len(chosen), (7.0, 1.0 + 2.0 * len(chosen)), "one for each variable", sharex=True)
    for panel, variable in zip(axes, chosen, strict=True):
        values = _samples(monitor, variable)[:, columns]
        for k, color in enumerate(colors_of(len(columns), colors)):
            panel.plot(monitor.t, values[:, k], color=color, linewidth=1.0, label=names[k])
        panel.set_ylabel(with_unit(variable, _unit(monitor, variable)))
        bare(panel)
    axes[-1].set_xlabel("time (s)")
    axes[-1].set_xlim(xlim if xlim is not None else (monitor.t[0], monitor.t[-1]) if len(monitor.t) > 1 else None)
    if 0 < len(columns) <= _MOST_NAMED:
        legend(axes[0], loc="upper left", bbox_to_anchor=(1.0, 1.0), title=monitor.population.label)
    return axes[0] if len(axes) == 1 else axes


def _columns(monitor: Any, neurons: Sequence[int] | None) -> tuple[list[int], list[str]]:
    """Which columns of the traces to draw, and what to call them."""
    if hasattr(monitor, "averages"):
        known, names = [0], ["mean"]
    elif hasattr(monitor, "pre"):
        pairs = list(zip(monitor.pre.tolist(), monitor.record.tolist(), strict=True))
        known, names = list(range(len(pairs))), [f"{pre} → {post}" for pre, post in pairs]
    else:
        known = monitor.record.tolist()
        names = [str(index) for index in known]
    if neurons is None:
        places = np.unique(np.linspace(0, len(known) - 1, min(_MOST_TRACES, len(known))).astype(int)).tolist()
    else:
        missing = [index for index in neurons if index not in known]
        if missing:
            raise ValueError(f"{monitor!r} has not recorded neuron {missing[0]}; it has {_shortened(known)}")
        places = [known.index(index) for index in neurons]
    return places, [names[place] for place in places]


def _samples(monitor: Any, variable: str) -> Any:
    """What a monitor has sampled of a variable, shape (n_samples, n_columns)."""
    return monitor.averages[variable][:, np.newaxis] if hasattr(monitor, "averages") else monitor.traces[variable]


def _shortened(known: list[int]) -> str:
    shown = ", ".join(map(str, known[:8]))
    return f"{shown}, ... ({len(known)} in all)" if len(known) > 8 else shown or "none"


def _unit(monitor: Any, variable: str) -> str:
    """The unit of what a monitor has sampled."""
    if hasattr(monitor, "unit_of"):
        unit = str(monitor.unit_of(variable))
    else:
        unit = str(monitor.population.parent.states[variable].unit)
    return unit or ("mV" if variable == "v" else "")  # models needn't declare it


def f_i_curve(
    currents: Any, rates_hz: Any, *, model: type[NeuronModel] | str | None = None, ax: Axes | None = None,
    color: Any = None, label: str | None = None, xlim: Limits = None,
) -> Axes:  # fmt: skip
    """An f-I curve: rate against constant current, as :func:`neurocore_nb.statistics.f_i` measures it.

    Parameters
    ----------
    currents, rates_hz : array of shape (n,)
        Nan leaves a gap.
    model : type of NeuronModel, or str, optional
        Whose unit the currents are in.
    ax : Axes, optional
        Of another curve, for instance.
    color, label : optional
        By default the model's name, or which curve of the axes it is.
    xlim : tuple of float, optional
        From which to which current.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there isn't one rate for each current, or no such model.

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, plot
    >>> plot.f_i_curve([0.0, 400.0, 800.0], [0.0, 10.0, 60.0], model=LIFNeuron).get_xlabel()
    'current (pA)'
    """
    current, rate = np.asarray(currents, np.float64), np.asarray(rates_hz, np.float64)
    if current.shape != rate.shape or current.ndim != 1:
        raise ValueError(f"currents have shape {current.shape} and rates {rate.shape}; give one rate for each current")
    if isinstance(model, str):
        if model not in MODELS:
            raise ValueError(f"unknown neuron model {model!r}; known are {', '.join(MODELS)}")
        model = MODELS[model]
    ax = one_axes(ax)
    nth = len(ax.lines)
    name = label if label is not None else f"curve {nth + 1}" if model is None else model.__name__
    ax.plot(
        current, rate, "o-", markersize=3.0, color=COLORS[nth % len(COLORS)] if color is None else color, label=name
    )
    if model is not None or not ax.get_xlabel():
        ax.set_xlabel(with_unit("current", "the model's unit" if model is None else model.units.current))
    ax.set_ylabel("rate (Hz)")
    from_zero(ax)
    if xlim is not None:
        ax.set_xlim(xlim)
    bare(ax)
    if nth or model is not None or label:
        legend(ax)
    return ax
