"""The source of the kernels of a learning rule: the loops over synapses around its scalar functions.

``source_of_rule`` returns the text of a module; ``function_of_rule`` compiles it. What the synapses remember is laid
out in ``kernels.learn``.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import NamedTuple

from numba.core.errors import NumbaError

from .deliver import N_ARGUMENTS
from .generated import load_module, not_compiled
from .jit import address_of
from .learn import FIRST_TRACE
from .rule_texts import DELIVER, FLOW, HEAD, LOOPS, REWARDS, SCALAR, STATIC, TAIL


class RuleForm(NamedTuple):
    """What the kernels need to know of a learning rule.

    Attributes
    ----------
    name : str
        Of its class.
    source : str
        Python source of its functions.
    pre, post : tuple of str
        Traces of sources and of targets.
    reward : str
        Trace of the spikes that change how synapses learn; empty if there are none.
    states, terminal : tuple of str
        States of each synapse beside its weight, and of the terminals of each source.
    parameters : tuple of str
    arguments : dict of str to tuple of str
        Of each function that it has: ``on_pre``, ``on_post``, ``between``, ``release``.
    """

    name: str
    source: str
    pre: tuple[str, ...]
    post: tuple[str, ...]
    reward: str
    states: tuple[str, ...]
    terminal: tuple[str, ...]
    parameters: tuple[str, ...]
    arguments: tuple[tuple[str, tuple[str, ...]], ...]

    def takes(self, function: str) -> tuple[str, ...]:
        """What a function takes; nothing where there is none."""
        return dict(self.arguments).get(function, ())

    @property
    def learns(self) -> bool:
        """Whether weights change."""
        return bool(self.takes("on_pre") or self.takes("on_post") or self.takes("between"))


class _Text:
    """Writes the parts of a rule's module."""

    def __init__(self, form: RuleForm, weights: str, delays: str) -> None:
        self.form = form
        self.real = weights
        self.delays = delays
        self.flows = bool(form.takes("between"))
        used = {name for _, names in form.arguments for name in names}
        self.parameters = [name for name in form.parameters if name in used]

    def arguments(self, names: list[str] | tuple[str, ...], prefix: str) -> str:
        """Names that follow others."""
        return "".join(f", {prefix}{name}" for name in names)

    def call(self, function: str, **values: str) -> str:
        """A call of one of the rule's functions."""
        known = {"w": "value", "h": "h"} | values
        known |= {name: f"own_{name}_now" for name in self.form.states}
        known |= {name: f"param_{name}" for name in self.parameters}
        return f"{function}({', '.join(known[name] for name in self.form.takes(function))})"

    def results(self) -> str:
        """What a function of a synapse returns."""
        return ", ".join(["value", *(f"own_{name}_now" for name in self.form.states)])

    def decay(self, place: int) -> str:
        """How a trace decays in a step, by its place among all."""
        return f"numbers[{FIRST_TRACE + 2 * place}]"

    def take(self, k: str) -> list[str]:
        """Take the weight and states of a synapse."""
        lines = [f"value = np.float64(w[{k}])"]
        return lines + [f"own_{name}_now = np.float64(own_{name}[{k}])" for name in self.form.states]

    def bounded(self) -> str:
        """The weight within its bounds."""
        return "value = min(max(value, lowest), highest)"

    def flow_lines(self, until: str) -> list[str]:
        """What changes until a step."""
        if not self.flows:
            return []
        given = {self.form.reward: "level"} if self.form.reward else {}
        return [
            f"h = np.float64({until} - previous[k]) * step_ms",
            "level = reward * exp(np.float64(previous[k] - reward_last) * reward_decay)",
            f"{self.results()} = {self.call('between', **given)}",
        ]

    def post_body(self) -> list[str]:
        """A spike of a target."""
        form, taken = self.form, self.form.takes("on_post")
        lines = ["arrival = past + last[k]"] * self.flows + self.take("k") + self.flow_lines("arrival")
        if taken:
            lines += [f"x_{one}_now = x_{one}[k] * exp(np.float64(past) * decay_{one})" for one in self.seen_by_post]
            lines += [f"y_{one}_now = rings[spike + BEFORE + {p}]" for p, one in enumerate(form.post) if one in taken]
            values = {one: f"x_{one}_now" for one in form.pre} | {one: f"y_{one}_now" for one in form.post}
            lines.append(f"{self.results()} = {self.call('on_post', **values)}")
        lines += [self.bounded(), "new_w[i] = value"]
        lines += [f"new_{name}[i] = own_{name}_now" for name in form.states]
        return lines + ["next_previous[i] = arrival"] * self.flows

    def pre_body(self) -> list[str]:
        """A spike of the source."""
        form, taken = self.form, self.form.takes("on_pre")
        lines = self.take("k") + self.flow_lines("present[k]")
        if taken:
            past = "np.float64(-since[k])"
            lines += [f"y_{one}_now = y_{one}[k] * exp({past} * decay_{one})" for one in form.post if one in taken]
            values = {one: f"now_{one}[k]" for one in form.pre} | {one: f"y_{one}_now" for one in form.post}
            lines.append(f"{self.results()} = {self.call('on_pre', **values)}")
        return [*lines, self.bounded(), "w[k] = value", *(f"own_{one}[k] = own_{one}_now" for one in form.states)]

    @property
    def seen_by_post(self) -> list[str]:
        """Traces of sources that a spike of the target needs ..."""
        return [one for one in self.form.pre if one in self.form.takes("on_post")]

    @property
    def seen_by_pre(self) -> list[str]:
        """... and those that a spike of the source needs."""
        return [one for one in self.form.pre if one in self.form.takes("on_pre")]

    def unpack(self) -> list[str]:
        """Parameters, decays and what the rewards have left, from the numbers."""
        form = self.form
        traces = [*form.pre, *form.post]
        first = FIRST_TRACE + 2 * len(traces)
        lines = [f"decay_{one} = {self.decay(place)}" for place, one in enumerate(traces)]
        lines += [f"param_{one} = numbers[{first + form.parameters.index(one)}]" for one in self.parameters]
        if self.flows:
            lines += ["reward, reward_decay, reward_last = numbers[REWARD], numbers[REWARD_DECAY], rule[REWARD_LAST]"]
            lines += ["step_ms, next_previous = numbers[DT], ints[NEW_PREVIOUS]"]
            lines += ["previous = stretch(ints, PREVIOUS, 0, n)"]
            lines += ["present, last = stretch(ints, PRESENT, 0, n), stretch(ints, LAST_OF, 0, n)"]
        return lines

    def loops(self) -> str:
        """The loops over synapses."""
        form = self.form
        n_pre, n_post, n_states = len(form.pre), len(form.post), len(form.states)
        decays = [f"decay_{one}" for one in (*form.pre, *form.post)]
        flow = ["step_ms", "present", "last", "previous", "next_previous", "reward", "reward_last", "reward_decay"]
        flow = flow if self.flows else []
        parameters = self.arguments(decays, "") + self.arguments(self.parameters, "param_")
        own = self.arguments(form.states, "own_")
        own_rows = "".join(f", stretch(ws, {1 + row}, 0, n)" for row in range(n_states))
        itemsize = {"float32": 4, "float64": 8}[self.real]
        releases = bool(form.takes("release"))
        first_x, first_now = n_post + 2, n_post + 2 + n_pre  # behind traces of targets, acting weights and factors
        x_places = {f"x_{one}": first_x + form.pre.index(one) for one in self.seen_by_post}
        x_places |= {f"now_{one}": first_now + form.pre.index(one) for one in self.seen_by_pre}
        x_places |= {"factor": n_post + 1} if releases else {}
        parts = "array_at(rule[STATES] + {size} * ({row} * rule[N_SYNAPSES] + a), n, REAL)"
        taken = [f"many_{name}[k] = {name}" for name in x_places]
        taken += [f"own_{one}[k] = all_{one}[k]" for one in form.states]
        taken += ["present[k], last_of[k], previous[k] = now, last, max(last, reward_last, -1)"] * self.flows
        more = self.arguments(list(x_places), "many_") + ", present, last_of, previous, reward_last" * self.flows
        more_parts = "".join(f", stretch(reals, {row}, k, k + n)" for row in x_places.values())
        noted = ("PRESENT", "LAST_OF", "PREVIOUS")
        parts_noted = "".join(f", stretch(ints, {one}, k, k + n)" for one in noted)
        more_parts += (parts_noted + ", rule[REWARD_LAST]") * self.flows
        return LOOPS.format(
            all_states=self.arguments(form.states, "all_"),
            all_names=self.arguments(form.states, "all_"),
            y_args=self.arguments(form.post, "y_"),
            take_after=_indented([f"y_{one}[k] = state[j + AFTER + {p}]" for p, one in enumerate(form.post)], 2),
            take_more=_indented(taken, 2),
            more_args=more,
            more_parts=more_parts,
            x_args=self.arguments(form.pre, "x_"),
            now_args=self.arguments(form.pre, "now_"),
            x_many=self.arguments(self.seen_by_post, "x_"),
            now_many=self.arguments(self.seen_by_pre, "now_"),
            x_rows="".join(f", reals[{x_places[f'x_{one}']}]" for one in self.seen_by_post),
            now_rows="".join(f", reals[{x_places[f'now_{one}']}]" for one in self.seen_by_pre),
            factor_many=", factor" * releases,
            factor_rows=f", reals[{n_post + 1}]" * releases,
            times_factor=" * factor[k]" * releases,
            flow_args=self.arguments(flow, ""),
            flow_names=self.arguments(flow, ""),
            parameter_args=parameters,
            parameter_names=parameters,
            state_args=own,
            state_rows=own_rows,
            new_args=self.arguments(form.states, "new_"),
            post_body=_indented(self.post_body(), 2),
            pre_body=_indented(self.pre_body(), 2),
            put_states=_indented([f"all_{one}[k] = own_{one}[k]" for one in form.states], 2),
            flow_loop=self.flow_loop(self.arguments(flow, ""), parameters, own),
            n_post=n_post,
            unpack=_indented(self.unpack(), 1),
            delay_type=self.delays,
            itemsize=itemsize,
            own_parts=_indented(
                [f"all_{one} = {parts.format(size=itemsize, row=row)}" for row, one in enumerate(form.states)], 2),
            state_parts="".join(f", stretch(ws, {1 + row}, begin, end)" for row in range(n_states)),
            taken_parts="".join(f", stretch(ws, {1 + row}, k, k + n)" for row in range(n_states)),
            y_rows="".join(f", stretch(reals, {row}, 0, n)" for row in range(n_post)),
            last_events=_indented(["find_previous(n, ints, room, rings)"] * self.flows, 1),
            first_new=1 + n_states,
            new_rows="".join(f", stretch(ws, {2 + n_states + row}, 0, padded)" for row in range(n_states)),
            scatter_states=_indented(
                [f"scatter(some[:m], ws[{2 + n_states + row}], ws[{1 + row}])" for row in range(n_states)]
                + ["scatter(some[:m], next_previous, previous)"] * self.flows, 2),
            flow_call=_indented(
                ["elif mode == FLOW:",
                 f"    flow(0{self.arguments(flow, '')}{parameters}, lowest, highest, w{own_rows})"] * self.flows, 1),
            decayed=_indented([
                f"now_{one} = x_{one} * exp(np.float64(now - last) * {self.decay(row)})"
                for row, one in enumerate(form.pre)], 1),
        )  # fmt: skip

    def flow_loop(self, flow: str, parameters: str, states: str) -> str:
        """The loop over what changes without spikes."""
        if not self.flows:
            return ""
        lines = [*self.take("k"), *self.flow_lines("present[k]"), self.bounded(), "w[k] = value"]
        lines += [f"own_{one}[k] = own_{one}_now" for one in self.form.states]
        return FLOW.format(
            flow_args=flow, parameter_args=parameters, state_args=states, body=_indented(lines, 2),
            n_post=len(self.form.post),
        )  # fmt: skip

    def static(self, weight_type: str) -> str:
        """The loop where weights stay as they are."""
        return STATIC.format(
            x_args=self.arguments(self.form.pre, "x_"), delay_type=self.delays, weight_type=weight_type
        )

    def tail(self) -> str:
        """From spikes to rows."""
        form = self.form
        n_pre, n_terminal = len(form.pre), len(form.terminal)
        release = ["factor = 1.0"]
        if form.takes("release"):
            first = FIRST_TRACE + 2 * (n_pre + len(form.post))
            known = {"h": "past * numbers[DT]"} | {one: f"terminal[row, {k}]" for k, one in enumerate(form.terminal)}
            known |= {one: f"numbers[{first + form.parameters.index(one)}]" for one in self.parameters}
            given = ", ".join(known[one] for one in form.takes("release"))
            news = "".join(f"terminal[row, {k}], " for k in range(n_terminal))
            release = [f"{news}factor = release({given})", "factor = min(max(factor, 0.0), 1.0)"]
        keeps = [f"numbers[{FIRST_TRACE + 2 * place + 1}]" for place in range(n_pre)]
        return TAIL.format(
            n_pre=n_pre,
            n_terminal=n_terminal,
            itemsize={"float32": 4, "float64": 8}[self.real] * form.learns,
            n_post=len(form.post),
            n_states=len(form.states),
            n_numbers=FIRST_TRACE + 2 * (n_pre + len(form.post)) + len(form.parameters),
            release=_indented(release, 1),
            take_pre=_indented([f"x_{one} = pre[row, {k}]" for k, one in enumerate(form.pre)], 1),
            x_names=self.arguments(form.pre, "x_"),
            x_after="".join(f", pre[row, {k}]" for k in range(n_pre)),
            jump_pre=_indented(
                [f"pre[row, {k}] = x_{one} * exp(past * {self.decay(k)}) * {keeps[k]} + 1.0"
                 for k, one in enumerate(form.pre)], 1),
            once="kernel" if form.reward else "pasted",  # called from one place, or from two
            deliver=REWARDS if form.reward else DELIVER,
        )  # fmt: skip


def _indented(lines: list[str], depth: int) -> str:
    return "\n".join(f"{'    ' * depth}{line}" for line in lines)


def source_of_rule(form: RuleForm, weights: str, delays: str) -> str:
    """Text of the module with the kernels of a rule.

    Parameters
    ----------
    form : RuleForm
    weights : str
        Type of the stored weights, ``"float32"`` or ``"float64"``; empty where one number stands for all.
    delays : str
        Type of the stored delays, such as ``"uint8"``; empty where one number stands for all.

    Returns
    -------
    str
    """
    scalar = load_module(SCALAR.format(name=form.name, source=form.source), f"{form.name}_functions")
    functions = ", ".join(name for name, _ in form.arguments)
    text = _Text(form, weights or "float64", f"np.{delays}" if delays else "None")
    head = HEAD.format(name=form.name, imports=f"from {scalar.__name__} import {functions}", real=weights or "float64")
    loops = text.loops() if form.learns else text.static(f"np.{weights}" if weights else "None")
    return head + loops + text.tail()


@cache
def _module(form: RuleForm, weights: str, delays: str) -> ModuleType:
    return load_module(source_of_rule(form, weights, delays), f"{form.name}_rule")


@cache
def function_of_rule(form: RuleForm, weights: str, delays: str) -> int:
    """Address of the function that delivers spikes to synapses and brings these up to date, compiled.

    Parameters
    ----------
    form, weights, delays
        As for :func:`source_of_rule`.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If a function of the rule can't be compiled.
    """
    try:
        return address_of(_module(form, weights, delays).deliver_block, N_ARGUMENTS)
    except NumbaError as error:
        raise TypeError(not_compiled(error, f"the rule {form.name}")) from None
