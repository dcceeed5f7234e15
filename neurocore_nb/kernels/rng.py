"""Counter-based random numbers: a pure function of a key and of what is drawn.

Philox4x32-10 (Salmon et al., SC11, "Parallel random numbers: as easy as 1, 2, 3") turns a 128-bit counter and a 64-bit
key into 128 random bits. The key stands for (seed, stream), the counter for (neuron or synapse, step), so no number
depends on a rank, a thread or on what was drawn before.
"""

from __future__ import annotations

import math

import numpy as np
from numpy import float32

from .intrinsics import as_float, as_float32, as_int, fma, vector_loop
from .jit import inlined, kernel
from .vmath import log

_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_12 = np.uint64(12)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_EXPONENT_OF_ONE = np.uint64(0x3FF0000000000000)
_ONE_MINUS_HALF_STEP = 1.0 - 2.0**-53
# Of shared_words: four vectors side by side hide how long a turn of the generator takes. As many more may be drawn
# before those that are wanted, and after them.
WORDS_AT_ONCE = 128
MORE_WORDS = 2 * WORDS_AT_ONCE
_MINUS_LN2_A_BIT = -math.log(2.0) / 2.0**52

# For exponential32: as literals they would be float64.
_HALF, _MIDDLE = float32(0.5), float32(1.5)
_BITS_OF_2_32 = (127 + 32) << 23
_MINUS_LN2_A_BIT32 = float32(-math.log(2.0) / 2.0**23)
_C0, _C1, _C2 = float32(-0.05889147), float32(0.026481005), float32(0.22222192)
_C3, _C4, _C5 = float32(-0.09879144), float32(0.049398385), float32(-0.025969792)
_C6, _C7, _C8 = float32(0.014410553), float32(-0.01023818), float32(0.0060066050)


@inlined
def _round(c0, c1, c2, c3, k0, k1):
    product0, product1 = _M0 * c0, _M1 * c2
    c0, c1, c2, c3 = (product1 >> _32) ^ c1 ^ k0, product1 & _MASK, (product0 >> _32) ^ c3 ^ k1, product0 & _MASK
    return c0, c1, c2, c3, (k0 + _W0) & _MASK, (k1 + _W1) & _MASK


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
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3, k0, k1 = _round(c0, c1, c2, c3, k0, k1)
    return c0, c1, c2, c3


@inlined
def random_words(key, a, b, c):
    """Four times 32 random bits, as uint64; parameters as for :func:`uniform_pair`."""
    b_ = np.uint64(b)
    return philox(np.uint64(a), b_ & _MASK, b_ >> _32, np.uint64(c), key & _MASK, key >> _32)


@inlined
def random_bits(key, a, b, c):
    """Two times 64 random bits; parameters as for :func:`uniform_pair`."""
    r0, r1, r2, r3 = random_words(key, a, b, c)
    return (r0 << _32) | r1, (r2 << _32) | r3


@inlined
def _unit(bits):
    """A float64 in the open interval (0, 1), an odd multiple of 2**-53, from 64 bits."""
    return as_float(np.int64((bits >> _12) | _EXPONENT_OF_ONE)) - _ONE_MINUS_HALF_STEP


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
    first, second = random_bits(key, a, b, c)
    return _unit(first), _unit(second)


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


@kernel
def _block_of_words(key, block, b, out):
    vector_loop()
    for lane in range(WORDS_AT_ONCE // 4):
        r0, r1, r2, r3 = random_words(key, block * (WORDS_AT_ONCE // 4) + lane, b, 0)
        out[lane] = float(r0)
        out[lane + WORDS_AT_ONCE // 4] = float(r1)
        out[lane + WORDS_AT_ONCE // 2] = float(r2)
        out[lane + WORDS_AT_ONCE // 4 * 3] = float(r3)


@kernel
def shared_words(key, first, n, b, out):
    """32 random bits of ``(first + j, b)`` for each of n places; four places share one turn of the generator.

    Parameters
    ----------
    key : uint64
    first, n, b : int64
    out : float64[:], overwritten
        ``n + MORE_WORDS`` long. Gets whole numbers.

    Returns
    -------
    int64
        Where in ``out`` the number of ``first`` stands.
    """
    begin, end = first // WORDS_AT_ONCE, -(-(first + n) // WORDS_AT_ONCE)
    for block in range(begin, end):
        at = (block - begin) * WORDS_AT_ONCE
        _block_of_words(key, block, b, out[at : at + WORDS_AT_ONCE])
    return first - begin * WORDS_AT_ONCE


@inlined
def uniform(word):
    """A number in the open interval (0, 1), an odd multiple of 2**-33, from 32 random bits."""
    return (float(word) + 0.5) * 2.0**-32


@inlined
def exponential(word):
    """A number of the exponential distribution of mean 1 from 32 random bits: ``-log(uniform(word))``.

    Parameters
    ----------
    word : uint32

    Returns
    -------
    float64
        Not negative, with an absolute error of 2e-9; two uniform numbers are 2e-10 apart.

    Notes
    -----
    ``word + 1/2 = 2**k m`` with ``1 <= m < 2``. The bits of that number as an integer are ``2**52 (k + 1022 + m)``, so
    they are its logarithm to base 2, but for a function of m, here a polynomial that meets it at the Chebyshev nodes.
    """
    bits = as_int(float(word) + 0.5)
    x = as_float((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000) - 1.5
    z = x * x
    even = fma(
        fma(fma(fma(fma(0.0022609959216, z, 0.0047382602912), z, 0.014647506514), z, 0.049382011463), z, 0.22222223107),
        z,
        731.21138397387,
    )
    odd = fma(
        fma(fma(fma(-0.0037503752164, z, -0.0081342391069), z, -0.026362878404), z, -0.098764282883), z, 0.02648049946
    )
    return fma(float(bits), _MINUS_LN2_A_BIT, fma(odd, x, even))


@inlined
def exponential32(word):
    """As :func:`exponential`, in single precision, in half of the time.

    Parameters
    ----------
    word : uint32

    Returns
    -------
    float32
        Not negative, with an absolute error of 3e-7 times the number, or times 1 if that is less.
    """
    number = float32(word) + _HALF
    bits = as_int(number)
    x = as_float32((bits & 0x007FFFFF) | 0x3F800000) - _MIDDLE
    z = x * x
    even = fma(fma(fma(fma(_C8, z, _C6), z, _C4), z, _C2), z, _C0)
    odd = fma(fma(fma(_C7, z, _C5), z, _C3), z, _C1)
    return fma(float32(np.int32(bits - _BITS_OF_2_32)), _MINUS_LN2_A_BIT32, fma(odd, x, even))


@inlined
def _polynomial(x, c0, c1, c2, c3, c4, c5, c6, c7):
    return ((((((c7 * x + c6) * x + c5) * x + c4) * x + c3) * x + c2) * x + c1) * x + c0


@inlined
def normal_quantile(u):
    """The standard normal number below which a part ``u`` of all lies: turns uniform into normal numbers.

    Parameters
    ----------
    u : float64
        In the open interval (0, 1).

    Returns
    -------
    float64
        With a relative error of about 1e-15.

    Notes
    -----
    Wichura's rational approximations (1988, Applied Statistics 37:477, algorithm AS 241), all three evaluated, without
    a branch.
    """
    q = u - 0.5
    x = 0.180625 - q * q
    middle = q * _polynomial(
        x, 3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ) / _polynomial(
        x, 1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
        3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    )  # fmt: skip
    r = math.sqrt(-log(min(u, 1.0 - u)))
    x = r - 1.6
    tail = _polynomial(
        x, 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ) / _polynomial(
        x, 1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    )  # fmt: skip
    x = r - 5.0
    far = _polynomial(
        x, 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ) / _polynomial(
        x, 1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    )  # fmt: skip
    outer = tail if r <= 5.0 else far
    return middle if abs(q) <= 0.425 else (outer if q > 0.0 else -outer)


@kernel
def to_normal(values):
    """Turn uniform numbers into standard normal ones.

    Parameters
    ----------
    values : float64[:], modified in place
        In the open interval (0, 1).
    """
    vector_loop()
    for j in range(values.shape[0]):
        values[j] = normal_quantile(values[j])


@kernel
def truncated_normals(u, below, within, above, mean, sd, low, high, out):
    """Normal numbers at the quantiles ``u`` of what lies between two bounds.

    Parameters
    ----------
    u : float64[:]
        In the open interval (0, 1).
    below, within, above : float64
        What parts of all numbers lie below, between and above the bounds: 0, 1 and 0 for all of them.
    mean, sd : float64
        Of all numbers.
    low, high : float64
        What isn't passed.
    out : float64[:], overwritten
        May be ``u`` itself.
    """
    vector_loop()
    for j in range(u.shape[0]):
        lower = u[j] < 0.5  # counted from the nearer end, or the last numbers of a tail would lose their digits
        part = below + within * u[j] if lower else above + within * (1.0 - u[j])
        z = normal_quantile(part)
        out[j] = min(max(mean + sd * (z if lower else -z), low), high)
