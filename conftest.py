"""For tests and the examples in docstrings."""

import sys


def pytest_runtest_teardown() -> None:
    """Close the pictures that a test or an example has drawn."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
