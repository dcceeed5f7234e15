"""Errors of a running simulation. Bad input raises ValueError or TypeError."""


class SimulationError(RuntimeError):
    """A run could not go on; every rank raises it."""


class NumericalError(SimulationError):
    """A state became infinite or nan, or summed weights went beyond what can be added exactly."""


class LaunchError(SimulationError):
    """The ranks the launcher started don't make one MPI world."""
