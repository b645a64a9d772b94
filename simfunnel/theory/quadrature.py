"""Nodes and weights for integrals over normals: no random numbers, and errors that nobody can see."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Nodes(NamedTuple):
    """Nodes of a quadrature and their weights."""

    at: Floats
    weights: Floats


@cache
def hermite(count: int) -> Nodes:
    """Gauss-Hermite: the mean of a smooth function of a standard normal; weights add up to 1."""
    at, weights = np.polynomial.hermite_e.hermegauss(count)
    return Nodes(np.asarray(at), np.asarray(weights / weights.sum()))


@cache
def legendre(count: int) -> Nodes:
    """Gauss-Legendre on (0, 1); weights add up to 1."""
    at, weights = np.polynomial.legendre.leggauss(count)
    return Nodes(np.asarray((at + 1.0) / 2.0), np.asarray(weights / 2.0))


def density(z: Floats) -> Floats:
    """Density of the standard normal."""
    return np.asarray(np.exp(-z * z / 2.0) / np.sqrt(2.0 * np.pi))
