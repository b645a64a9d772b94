"""Draws of several inputs that fill the range of each of them evenly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def latin_hypercube(order: ArrayLike, within: ArrayLike) -> Floats:
    """Uniforms to draw inputs at: one draw in each of n equal slices of each input (McKay, Beckman & Conover 1979).

    `order`, `within`: [draws, inputs] independent uniforms; the first shuffles the slices of each input, the second
    places the draw in its slice. Means over the draws vary less than with independent draws, and each input's ends are
    met.

    >>> latin_hypercube([[0.9], [0.1], [0.5]], [[0.5], [0.5], [0.5]]).round(3).ravel().tolist()
    [0.833, 0.167, 0.5]
    """
    shuffle, place = np.asarray(order, np.float64), np.asarray(within, np.float64)
    slices = np.argsort(np.argsort(shuffle, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray((slices + place) / len(shuffle))
