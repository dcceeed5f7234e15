"""How arriving weights act on neurons."""

from .receptors import CurrentPulse, quantum

__all__ = ["CurrentPulse", "quantum"]
