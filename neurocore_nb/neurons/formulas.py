"""The functions ``rates``, ``currents`` and ``flows`` of a model, as the expressions they consist of."""

from __future__ import annotations

import ast


class Formulas:
    """A function that consists of assignments to names and a return.

    Parameters
    ----------
    what : str
        What to call it in errors.
    function : ast.FunctionDef

    Attributes
    ----------
    arguments : set of str
    values : dict of str to ast.expr
        What is assigned.
    returned : ast.expr

    Raises
    ------
    TypeError
        If it holds anything else.
    """

    def __init__(self, what: str, function: ast.FunctionDef) -> None:
        self.what = what
        self.arguments = {argument.arg for argument in function.args.args}
        self.values: dict[str, ast.expr] = {}
        self.returned = self._read(function)

    def _read(self, function: ast.FunctionDef) -> ast.expr:
        for statement in function.body:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target = statement.targets[0]
                if isinstance(target, ast.Name):
                    if target.id in self.values or target.id in self.arguments:
                        raise TypeError(f"{self.what} assigns {target.id!r} twice; give each value a name of its own")
                    self.values[target.id] = statement.value
                    continue
            if isinstance(statement, ast.Return) and statement.value is not None:
                return statement.value
            raise TypeError(f"{self.what} may hold assignments to names and one return; not {ast.unparse(statement)!r}")
        raise TypeError(f"{self.what} returns nothing")

    def pairs(self, states: tuple[str, ...] | None) -> dict[str, tuple[ast.expr, ast.expr]]:
        """Two expressions for each of some states (None: of any), from the dict that is returned."""
        pairs: dict[str, tuple[ast.expr, ast.expr]] = {}
        items = (
            zip(self.returned.keys, self.returned.values, strict=True) if isinstance(self.returned, ast.Dict) else ()
        )
        for key, value in items:
            if isinstance(key, ast.Constant) and isinstance(value, ast.Tuple) and len(value.elts) == 2:
                pairs[str(key.value)] = (value.elts[0], value.elts[1])
        if not isinstance(self.returned, ast.Dict) or len(pairs) != len(self.returned.keys):
            example = "{'ca': (inflow, loss)}" if states is None else "{'m': (alpha, beta)}"
            raise TypeError(f"{self.what} must return a dict such as {example}, not {ast.unparse(self.returned)!r}")
        if states is not None and set(pairs) != set(states):
            raise TypeError(
                f"{self.what} returns rates of {', '.join(pairs) or 'nothing'}, but the states beside v are "
                f"{', '.join(states) or 'none'}"
            )
        return pairs

    def currents(self) -> list[ast.expr]:
        """Pairs of conductance and reversal potential, and outward currents, from what is returned."""
        if not isinstance(self.returned, ast.List | ast.Tuple):
            raise TypeError(
                f"{self.what} must return a list such as [(g_l, e_l)] of conductances and reversal potentials, not "
                f"{ast.unparse(self.returned)!r}"
            )
        for value in self.returned.elts:
            if isinstance(value, ast.Tuple) and len(value.elts) != 2:
                raise TypeError(f"{self.what}: {ast.unparse(value)} is no pair of conductance and reversal potential")
        return self.returned.elts


def calls(node: ast.AST, *names: str) -> bool:
    """Whether a piece of syntax is a call of one of these functions."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
