"""Compiled code on plain arrays. Imports nothing else of the package."""
