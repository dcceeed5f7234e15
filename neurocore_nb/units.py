"""Units of the network interface in seconds and Hz: ``Projection(..., delay=1.5 * ms)``."""

second = 1.0
ms = 1e-3
us = 1e-6
Hz = 1.0
kHz = 1e3  # noqa: N816  (its name in the field)
