#!/usr/bin/env python3
"""Golden values of the elementwise functions, in high-precision arithmetic.

Usage:  python3 make_golden.py            writes elementwise.csv beside this file
        python3 make_golden.py --check    recomputes it and compares; writes nothing

Needs mpmath. Uses no code of the engine. Every row is the mathematical function
at exactly the double x (and the double parameter), evaluated with 4096 and again
with 8192 bits, then rounded once to the nearest double, ties to even.
"""
import csv
import io
import math
import os
import struct
import sys
from fractions import Fraction

from mpmath import mp, mpf

PRECISIONS = (4096, 8192)  # bits; both must give the same doubles
INF, NAN = math.inf, math.nan


# --- rounding ---------------------------------------------------------------

def to_double(value):
    """The double nearest to an mpf, ties to even; subnormals and overflow included."""
    if mp.isnan(value):
        return NAN
    if mp.isinf(value):
        return INF if value > 0 else -INF
    sign, mantissa, exponent, bits = value._mpf_
    mantissa, exponent, bits = int(mantissa), int(exponent), int(bits)
    top = exponent + bits  # 2^(top-1) <= |value| < 2^top
    if mantissa == 0 or top < -1074:  # below half of the smallest subnormal
        encoded = 0
    elif top > 1024:
        encoded = 0x7FF << 52
    else:
        unit = max(top - 53, -1074)  # exponent of the last place
        shift = unit - exponent
        if shift <= 0:
            quotient = mantissa << -shift
        else:
            quotient = mantissa >> shift
            rest = mantissa & ((1 << shift) - 1)
            half = 1 << (shift - 1)
            if rest > half or (rest == half and quotient & 1):
                quotient += 1
        # A carry out of the significand moves into the exponent field by itself,
        # from subnormal to normal and from the largest double to infinity too.
        encoded = quotient + ((unit + 1074) << 52)
    return struct.unpack("<d", struct.pack("<Q", (sign << 63) | encoded))[0]


def check_rounding():
    """to_double against integer division, which Python rounds correctly."""
    tiny = mpf(2) ** -1074
    cases = [
        (tiny / 2, 0.0), (tiny / 2 * (1 + mpf(2) ** -200), 5e-324), (tiny * 3 / 2, 1e-323),
        (tiny * 5 / 2, 1e-323), (tiny / 4, 0.0), (-tiny / 2, 0.0), (mpf(2) ** -5000, 0.0),
        (mpf(2) ** -1022 - tiny / 2, 2.2250738585072014e-308),
        (mpf(2) ** 1024 - mpf(2) ** 970, INF),
        (mpf(2) ** 1024 - mpf(2) ** 970 * (1 + mpf(2) ** -200), sys.float_info.max),
        (mpf(2) ** 1024, INF), (-mpf(2) ** 9999, -INF), (mpf(0), 0.0),
        (1 + mpf(2) ** -53, 1.0), (1 + mpf(2) ** -53 + mpf(2) ** -900, 1.0 + 2.0 ** -52),
        (1 + 3 * mpf(2) ** -53, 1.0 + 2.0 ** -51),
    ]
    for value, expected in cases:
        assert to_double(value) == expected, (value, expected)
    state = 1
    for step in range(20000):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        exponent = -1180 + (step * 7) % 2190
        if exponent + 64 > 1023:
            continue
        expected = float(Fraction(state) * Fraction(2) ** exponent)
        assert to_double(mp.ldexp(mpf(state), exponent)) == expected, (state, exponent)


# --- the functions ----------------------------------------------------------
# Each takes a finite mpf x and the mpf parameter (or None) and returns
# (value, slope, second). Tails are computed from the small factor, never as 1 - a.

NOT_A_NUMBER = (mpf("nan"),) * 3
UNDEFINED = mpf("nan")


def logistic(x):
    e = mp.exp(-abs(x))
    return 1 / (1 + e) if x >= 0 else e / (1 + e)


def logistic_slope(x):
    e = mp.exp(-abs(x))
    return e / (1 + e) ** 2


def soft_plus(x):
    return max(x, mpf(0)) + mp.log(1 + mp.exp(-abs(x)))


def f_exp(x, _):
    return (mp.exp(x),) * 3


def f_log(x, _):
    if x < 0:
        return NOT_A_NUMBER
    if x == 0:
        return -mp.inf, mp.inf, UNDEFINED
    return mp.log(x), 1 / x, -1 / x ** 2


def f_log1p(x, _):
    if x < -1:
        return NOT_A_NUMBER
    if x == -1:
        return -mp.inf, mp.inf, UNDEFINED
    return mp.log(1 + x), 1 / (1 + x), -1 / (1 + x) ** 2


def f_expm1(x, _):
    return mp.exp(x) - 1, mp.exp(x), mp.exp(x)


def f_sqrt(x, _):
    if x < 0:
        return NOT_A_NUMBER
    if x == 0:
        return mpf(0), mp.inf, UNDEFINED
    root = mp.sqrt(x)
    return root, 1 / (2 * root), -1 / (4 * x * root)


def f_square(x, _):
    return x * x, 2 * x, mpf(2)


def f_abs(x, _):
    return abs(x), mpf((x > 0) - (x < 0)), mpf(0)


def f_negate(x, _):
    return -x, mpf(-1), mpf(0)


def f_sigmoid(x, _):
    slope = logistic_slope(x)
    return logistic(x), slope, slope * (logistic(-x) - logistic(x))


def f_generalized_logistic(x, alpha):
    value = mp.exp(-alpha * soft_plus(-x))
    up, down = logistic(x), logistic(-x)
    # alpha - (alpha + 1) up = alpha down - up
    return value, alpha * value * down, alpha * value * down * (alpha * down - up)


def f_tanh(x, _):
    q = mp.exp(-2 * abs(x))
    value = (1 - q) / (1 + q) * (1 if x >= 0 else -1)
    slope = 4 * q / (1 + q) ** 2
    return value, slope, -2 * value * slope


def f_relu(x, _):
    return (x, mpf(1), mpf(0)) if x > 0 else (mpf(0), mpf(0), mpf(0))


def f_leaky(x, slope):
    return (x, mpf(1), mpf(0)) if x > 0 else (slope * x, slope, mpf(0))


def f_elu(x, alpha):
    if x > 0:
        return x, mpf(1), mpf(0)
    return alpha * (mp.exp(x) - 1), alpha * mp.exp(x), alpha * mp.exp(x)


def f_hard_logistic(x, _):
    value = min(max(x / 4 + mpf(1) / 2, mpf(0)), mpf(1))
    return value, mpf(1) / 4 if abs(x) < 2 else mpf(0), mpf(0)


def f_hard_tanh(x, _):
    return min(max(x, mpf(-1)), mpf(1)), mpf(1 if abs(x) < 1 else 0), mpf(0)


def f_softplus(x, _):
    return soft_plus(x), logistic(x), logistic_slope(x)


def f_cross_entropy(z, y):
    value = max(z, mpf(0)) - z * y + mp.log(1 + mp.exp(-abs(z)))
    # sigma(z) - y, written so that y = 1 keeps the small factor
    slope = (1 - y) * logistic(z) - y * logistic(-z)
    return value, slope, logistic_slope(z)


TABLE = [
    # name, parameters, function, and (value, slope, second) at +inf and at -inf: the
    # limits, as functions of the parameter p
    ("exp", [None], f_exp, lambda p: (INF, INF, INF), lambda p: (0, 0, 0)),
    ("log", [None], f_log, lambda p: (INF, 0, 0), lambda p: (NAN, NAN, NAN)),
    ("log1p", [None], f_log1p, lambda p: (INF, 0, 0), lambda p: (NAN, NAN, NAN)),
    ("expm1", [None], f_expm1, lambda p: (INF, INF, INF), lambda p: (-1, 0, 0)),
    ("sqrt", [None], f_sqrt, lambda p: (INF, 0, 0), lambda p: (NAN, NAN, NAN)),
    ("square", [None], f_square, lambda p: (INF, INF, 2), lambda p: (INF, -INF, 2)),
    ("abs", [None], f_abs, lambda p: (INF, 1, 0), lambda p: (INF, -1, 0)),
    ("negate", [None], f_negate, lambda p: (-INF, -1, 0), lambda p: (INF, -1, 0)),
    ("sigmoid", [None], f_sigmoid, lambda p: (1, 0, 0), lambda p: (0, 0, 0)),
    ("generalized_logistic", [0.5, 1.0, 3.0], f_generalized_logistic,
     lambda p: (1, 0, 0), lambda p: (0, 0, 0)),
    ("tanh", [None], f_tanh, lambda p: (1, 0, 0), lambda p: (-1, 0, 0)),
    ("relu", [None], f_relu, lambda p: (INF, 1, 0), lambda p: (0, 0, 0)),
    ("leaky_relu", [0.01, 0.1], f_leaky, lambda p: (INF, 1, 0), lambda p: (-INF, p, 0)),
    ("prelu", [0.25], f_leaky, lambda p: (INF, 1, 0), lambda p: (-INF, p, 0)),
    ("elu", [1.0, 0.5], f_elu, lambda p: (INF, 1, 0), lambda p: (-p, 0, 0)),
    ("hard_logistic", [None], f_hard_logistic, lambda p: (1, 0, 0), lambda p: (0, 0, 0)),
    ("hard_tanh", [None], f_hard_tanh, lambda p: (1, 0, 0), lambda p: (-1, 0, 0)),
    ("softplus", [None], f_softplus, lambda p: (INF, 1, 0), lambda p: (0, 0, 0)),
    ("binary_cross_entropy_with_logits", [0.0, 1.0, 0.25], f_cross_entropy,
     lambda p: (0 if p == 1 else INF, 1 - p, 0), lambda p: (0 if p == 0 else INF, 0 - p, 0)),
]

# Functions whose value at -0.0 is -0.0.
KEEPS_ZERO_SIGN = {"log1p", "expm1", "sqrt", "tanh", "leaky_relu", "prelu", "elu", "hard_tanh"}


# --- the points -------------------------------------------------------------

def points():
    ordinary = [-3.7, -1.3, -0.1, 0.3, 1.1, 2.7, 5.5, 12.25,
                -0.7, -2.9, -6.125, -9.81, -15.3, 0.05, 0.77, 1.6180339887498949,
                3.1415926535897931, 8.9, 17.6, 0.001, -0.001, 1e-5, -1e-5, 1e-16, -1e-16]
    # neighbours of the kinks and of log1p's edge
    near = [s * n for v in (1.0, 2.0) for n in (math.nextafter(v, 0), math.nextafter(v, INF))
            for s in (1.0, -1.0)]
    # where the naive forms break, and underflow of the powers 3, 1/2 and of squares
    tails = [s * v for v in (19.1, 36.9, 248.3, 355.25, 372.6, 708.5, 744.5, 1490.25)
             for s in (1.0, -1.0)]
    paired = [s * v for v in (0.5, 1.0, 2.0, 1e-8, 1e-300, 20.0, 40.0, 100.0, 700.0, 709.0,
                              710.0, 745.0, 746.0, 1e308) for s in (1.0, -1.0)]
    finite = sorted(set(v for v in ordinary + near + tails + paired))
    return [-INF] + [v for v in finite if v < 0] + [-0.0, 0.0] + \
        [v for v in finite if v > 0] + [INF, NAN]


def row(name, parameter, function, upper, lower, x):
    if math.isnan(x):
        return (NAN, NAN, NAN)
    if math.isinf(x):
        return tuple(float(v) for v in (upper if x > 0 else lower)(parameter))
    results = []
    for precision in PRECISIONS:
        mp.prec = precision
        exact = function(mpf(x), None if parameter is None else mpf(parameter))
        results.append(tuple(to_double(v) for v in exact))
    low, high = ([struct.pack("<d", v) for v in r] for r in results)
    assert low == high, (name, parameter, x, results)
    value, slope, second = results[0]
    if x == 0 and value == 0:
        negative = math.copysign(1, x) < 0
        if name in KEEPS_ZERO_SIGN:
            value = -0.0 if negative else 0.0
        elif name == "negate":
            value = 0.0 if negative else -0.0
    return value, slope, second


def text(number):
    return "nan" if math.isnan(number) else "%.17g" % number


def make():
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["function", "x", "parameter", "value", "slope", "second"])
    for name, parameters, function, upper, lower in TABLE:
        for parameter in parameters:
            for x in points():
                numbers = row(name, parameter, function, upper, lower, x)
                writer.writerow([name, text(x), "" if parameter is None else "%.17g" % parameter]
                                + [text(v) for v in numbers])
    return out.getvalue()


def main():
    mp.prec = PRECISIONS[0]
    check_rounding()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "elementwise.csv")
    made = make()
    if sys.argv[1:] == ["--check"]:
        with open(path, newline="") as file:
            if file.read() != made:
                sys.exit("elementwise.csv differs from the computed values")
        print("elementwise.csv: %d rows agree" % (made.count("\n") - 1))
        return
    if sys.argv[1:]:
        sys.exit(__doc__)
    with open(path, "w", newline="") as file:
        file.write(made)
    print("elementwise.csv: %d rows" % (made.count("\n") - 1))


if __name__ == "__main__":
    main()
