"""The description of a network that a user writes."""
