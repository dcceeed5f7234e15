"""Networks that have been published: each a function that returns a ``Network``, and an example of how to write one."""

from .cobahh import cobahh

__all__ = ["cobahh"]
