"""How the spikes of an interval stand on the wire: their number in each step, then the ids, ordered by step."""

from __future__ import annotations

from .jit import kernel


@kernel
def pack(spikes, n_steps, out):
    """Order spikes by step.

    Parameters
    ----------
    spikes : int32[:, :]
        Ids and steps (from 0) in the first two rows.
    n_steps : int64
    out : int32[:], modified in place
        Room for ``n_steps`` counts and the ids.
    """
    n = spikes.shape[1]
    out[:n_steps] = 0
    for k in range(n):
        out[spikes[1, k]] += 1
    if n_steps == 1:
        for k in range(n):
            out[1 + k] = spikes[0, k]
        return
    at = n_steps
    for step in range(n_steps):  # from counts to ends of the steps' ids, ...
        at += out[step]
        out[step] = at
    for k in range(n - 1, -1, -1):  # ... to their starts, ...
        step = spikes[1, k]
        out[step] -= 1
        out[out[step]] = spikes[0, k]
    for step in range(n_steps - 1):  # ... and back
        out[step] = out[step + 1] - out[step]
    out[n_steps - 1] = n_steps + n - out[n_steps - 1]


@kernel
def unpack(received, starts, n_steps, spikes):
    """Ids and steps of the spikes of all ranks.

    Parameters
    ----------
    received : int32[:]
    starts : int64[:]
        Where each rank's packed spikes begin.
    n_steps : int64
    spikes : int32[:, :], modified in place
        Shape (2, number of spikes).
    """
    n = 0
    for start in starts:
        at = start + n_steps
        for step in range(n_steps):
            for _ in range(received[start + step]):
                spikes[0, n] = received[at]
                spikes[1, n] = step
                at += 1
                n += 1
