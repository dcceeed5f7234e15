"""Counter-based random numbers: a pure function of a key and of what is drawn.

Philox4x32-10 (Salmon et al., SC11, "Parallel random numbers: as easy as 1, 2, 3") turns a 128-bit counter and a 64-bit
key into 128 random bits. The key stands for (seed, stream), the counter for (neuron or synapse, step), so no number
depends on a rank, a thread or on what was drawn before.
"""

from __future__ import annotations

import numpy as np

from .jit import as_float, inlined, kernel, vector_loop

_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_12 = np.uint64(12)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_EXPONENT_OF_ONE = np.uint64(0x3FF0000000000000)
_ONE_MINUS_HALF_STEP = 1.0 - 2.0**-53


@inlined
def _round(c0, c1, c2, c3, k0, k1, i):
    product0, product1 = _M0 * c0, _M1 * c2
    key0, key1 = (k0 + np.uint64(i) * _W0) & _MASK, (k1 + np.uint64(i) * _W1) & _MASK
    return (product1 >> _32) ^ c1 ^ key0, product1 & _MASK, (product0 >> _32) ^ c3 ^ key1, product0 & _MASK


@inlined
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10.

    Parameters
    ----------
    c0, c1, c2, c3, k0, k1 : uint64
        Counter and key, 32 bits in each.

    Returns
    -------
    tuple of four uint64
        32 random bits in each.
    """
    # Written out: the loop around this call vectorises only if there is no loop in it.
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1, 0)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1, 1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1, 2)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1, 3)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1, 4)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1, 5)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1, 6)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1, 7)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1, 8)
    return _round(c0, c1, c2, c3, k0, k1, 9)


@inlined
def _unit(high, low):
    """A float64 in the open interval (0, 1), an odd multiple of 2**-53, from two times 32 bits."""
    return as_float(np.int64((((high << _32) | low) >> _12) | _EXPONENT_OF_ONE)) - _ONE_MINUS_HALF_STEP


@inlined
def uniform_pair(key, a, b, c):
    """Two independent uniform numbers in the open interval (0, 1).

    Parameters
    ----------
    key : uint64
        Seed and stream (see ``engine.streams``).
    a, b, c : int64
        What the numbers belong to, for instance source, target and repetition. ``a`` and ``c`` below 2**32, ``b``
        below 2**63.

    Returns
    -------
    tuple of two float64
    """
    b_ = np.uint64(b)
    r0, r1, r2, r3 = philox(np.uint64(a), b_ & _MASK, b_ >> _32, np.uint64(c), key & _MASK, key >> _32)
    return _unit(r0, r1), _unit(r2, r3)


@kernel
def uniforms(key, first, b, c, out):
    """Fill ``out[j]`` with the first uniform number of ``(first + j, b, c)``.

    Parameters
    ----------
    key : uint64
    first, b, c : int64
    out : float64[:], modified in place
    """
    vector_loop()
    for j in range(out.shape[0]):
        u, _ = uniform_pair(key, first + j, b, c)
        out[j] = u
