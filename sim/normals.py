"""Standard normals made of uniforms: as draws, of pairs of them; as quantiles, where ranks must stay."""

from __future__ import annotations

from functools import cache

import numpy as np

from sim.arrays import FloatArray


def of_pairs(u: FloatArray) -> FloatArray:
    """Return independent standard normals made of uniforms two by two, shape (even,); none is beyond 8.6.

    Equation: of a pair (u, v), ``sqrt(-2 log u)`` times the cosine and the sine of ``2 pi (v - 1/2)``, both by the
    tangent t of half the angle: ``(1 - t^2) / (1 + t^2)`` and ``2 t / (1 + t^2)``. NumPy has logarithm and tangent for
    several numbers at a time, unlike cosine, sine and the normal quantile: a third of the time.

    Source: Box & Muller (1958), A note on the generation of random normal deviates. Annals of Mathematical Statistics.
    """
    twice, tangent = np.ascontiguousarray(u.reshape(-1, 2).T)
    np.log(twice, out=twice)
    twice *= -8.0
    np.sqrt(twice, out=twice)  # the radius, doubled
    tangent -= 0.5
    tangent *= np.pi
    np.tan(tangent, out=tangent)
    part = tangent * tangent
    part += 1.0
    np.divide(twice, part, out=part)
    normals = np.empty((twice.size, 2))
    np.multiply(part, tangent, out=normals[:, 1])
    twice *= 0.5
    np.subtract(part, twice, out=normals[:, 0])
    return normals.reshape(-1)


def normal_quantile(u: FloatArray) -> FloatArray:
    """Return the standard normal quantile of `u`, elementwise."""
    result: FloatArray = _ndtri()(u)
    return result


@cache  # looked up once: to import it at each call costs more than what it does to a few members
def _ndtri() -> np.ufunc:
    from scipy.special import ndtri

    found: np.ufunc = ndtri
    return found
