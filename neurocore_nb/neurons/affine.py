"""Expressions that are affine functions of the membrane potential."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np


class Affine(NamedTuple):
    """``slope * v + number + sum of coefficient * text``, in exact fractions."""

    slope: Fraction
    number: Fraction
    terms: tuple[tuple[str, Fraction], ...] = ()

    def scaled(self, factor: Fraction) -> Affine:
        """The same, times a number."""
        terms = tuple((text, coefficient * factor) for text, coefficient in self.terms)
        return Affine(self.slope * factor, self.number * factor, terms)

    @property
    def plain(self) -> bool:
        """Whether it is a number."""
        return self.slope == 0 and not self.terms


def affine(node: ast.expr, meaning: Callable[[str], Any]) -> Affine | None:
    """An expression as an affine function of v with a slope that is a number; None if it isn't one.

    Parameters
    ----------
    node : ast.expr
    meaning : function
        What a name other than v stands for: an expression, a number, or the name itself if it is a parameter; None for
        what changes with time.

    Returns
    -------
    Affine or None
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Affine(Fraction(0), Fraction(repr(node.value)))
    if isinstance(node, ast.Name):
        return Affine(Fraction(1), Fraction(0)) if node.id == "v" else _of_name(meaning(node.id), meaning)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = affine(node.operand, meaning)
        return inner and inner.scaled(Fraction(-1))
    if isinstance(node, ast.BinOp):
        return _of_operation(node, meaning)
    return None


def _of_name(value: Any, meaning: Callable[[str], Any]) -> Affine | None:
    if isinstance(value, ast.expr):
        return affine(value, meaning)
    if isinstance(value, str):
        return Affine(Fraction(0), Fraction(0), ((value, Fraction(1)),))
    if isinstance(value, bool | int | float | np.number | np.bool_) and math.isfinite(value):
        return Affine(Fraction(0), Fraction(repr(float(value))))
    return None


def _of_operation(node: ast.BinOp, meaning: Callable[[str], Any]) -> Affine | None:
    left, right = affine(node.left, meaning), affine(node.right, meaning)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Sub):
        right = right.scaled(Fraction(-1))
    if isinstance(node.op, ast.Add | ast.Sub):
        return Affine(left.slope + right.slope, left.number + right.number, left.terms + right.terms)
    if isinstance(node.op, ast.Mult) and (left.plain or right.plain):
        return right.scaled(left.number) if left.plain else left.scaled(right.number)
    if isinstance(node.op, ast.Div) and right.plain and right.number != 0:
        return left.scaled(1 / right.number)
    return None
