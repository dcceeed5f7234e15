"""Stub."""

from __future__ import annotations

from typing import Any

from .costs import UnitCosts


def measured_costs(description: Any, n_steps: int, dt: float, ranks: int, threads: int, rates: Any) -> UnitCosts:
    """Stub."""
    return UnitCosts()
