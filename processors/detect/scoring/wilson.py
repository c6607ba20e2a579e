"""How sure a share is that was counted on few texts."""

from __future__ import annotations

from math import sqrt

_Z = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


def wilson(right: int, of: int) -> tuple[float, float]:
    """Give the 95 % interval of a share by Wilson's score; the whole range where nothing was counted.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if of == 0:
        return 0.0, 1.0
    share, spread = right / of, _Z * _Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / of + spread / of / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
