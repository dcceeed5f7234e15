"""Errors of a running simulation, and what they say. Bad input raises ValueError or TypeError."""

from __future__ import annotations


class SimulationError(RuntimeError):
    """A run could not go on; every rank raises it."""


class NumericalError(SimulationError):
    """A state became infinite or nan, or summed weights went beyond what can be added exactly."""


class LaunchError(SimulationError):
    """The ranks the launcher started don't make one MPI world."""


class CheckpointError(SimulationError):
    """A checkpoint isn't whole, isn't of this network, or is of another version."""


class CheckpointedExit(SystemExit):
    """A signal has asked for the end of a run, which has written a checkpoint before.

    Ends the program, unless it is caught, with the exit status 75 ("try again later", EX_TEMPFAIL in sysexits.h).
    """

    STATUS = 75

    def __init__(self, message: str) -> None:
        super().__init__(self.STATUS)
        self.message = message

    def __str__(self) -> str:
        return self.message


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C, or a notebook's stop button, has ended a run on all ranks at the end of an interval.

    Monitors have what was recorded until then, and another run goes on from there. A KeyboardInterrupt in all else.
    """


def remade(kind: type[BaseException], message: str, number: int | None = None) -> Exception:
    """An error of a type, or of the nearest that it derives from and that takes just a message.

    Parameters
    ----------
    kind : type of Exception
    message : str
    number : int, optional
        The ``errno`` of an OSError.

    Examples
    --------
    >>> remade(UnicodeError, "no text"), remade(UnicodeDecodeError, "no text")
    (UnicodeError('no text'), UnicodeError('no text'))
    """
    for base in kind.__mro__[: kind.__mro__.index(Exception)]:
        try:
            result = base(message) if number is None else base(number, message)
        except Exception:  # noqa: S112  # it has arguments of its own
            continue
        if isinstance(result, Exception) and message in described(result):
            return result
    return RuntimeError(message)


def retold(error: Exception, message: str) -> Exception:
    """An error like another, with another message.

    Examples
    --------
    >>> retold(ZeroDivisionError("division by zero"), "at 0.1 s: division by zero")
    ZeroDivisionError('at 0.1 s: division by zero')
    """
    result = remade(type(error), message, number_of(error))
    vars(result).update(vars(error))
    return result


def chained(error: Exception, cause: BaseException | None) -> Exception:
    """The error, as if it had been raised from another, if there is one."""
    error.__cause__ = cause
    return error


def number_of(error: BaseException) -> int | None:
    """The ``errno`` of an OSError."""
    return error.errno if isinstance(error, OSError) else None


def described(error: BaseException) -> str:
    """What an error says, or its type where it says nothing."""
    try:
        said = _said(error)
    except Exception:  # a class of the user's that fails in telling what failed
        said = ""
    return said or type(error).__name__


def _said(error: BaseException) -> str:
    if isinstance(error, KeyError) and len(error.args) == 1:
        return str(error.args[0])  # without the quotes, which would grow in number whenever it is retold
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if isinstance(error, OSError) and error.filename is not None:
        said += f": {error.filename!r}"
    return said


class named:  # noqa: N801  # a context manager; a generator couldn't let StopIteration through
    """Let errors say what they are about.

    Examples
    --------
    >>> with named("population 'exc'"):
    ...     raise ValueError("too many")
    Traceback (most recent call last):
    ...
    ValueError: population 'exc': too many
    """

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception):
            raise retold(error, f"{self._what}: {described(error)}") from error
