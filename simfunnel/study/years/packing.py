"""Plans as bytes for a worker, each of their arrays once."""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from simfunnel.plan import Plan


def packed(plans: Sequence[Plan]) -> bytes:
    """Return the plans as bytes; levels of one lever have almost all of their arrays in common."""
    body = io.BytesIO()
    packer = _Packer(body)
    packer.dump(tuple(plans))
    return pickle.dumps((packer.arrays, body.getvalue()), pickle.HIGHEST_PROTOCOL)


@lru_cache(maxsize=4)
def unpacked(parcel: bytes) -> tuple[Plan, ...]:
    """Return the plans of a parcel; a worker that gets the same parcel again has them at hand."""
    arrays, body = pickle.loads(parcel)
    plans: tuple[Plan, ...] = _Unpacker(io.BytesIO(body), arrays).load()
    return plans


class _Packer(pickle.Pickler):
    """A pickler that puts a number in the place of every array; `arrays` has each of them once."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.arrays: list[np.ndarray[Any, Any]] = []
        self._places: dict[tuple[str, tuple[int, ...], bytes], int] = {}

    def persistent_id(self, obj: object) -> int | None:
        """Return the number of an array; None for everything else, which is packed as usual."""
        if not isinstance(obj, np.ndarray):
            return None
        content = obj.dtype.str, obj.shape, obj.tobytes()
        place = self._places.setdefault(content, len(self.arrays))
        if place == len(self.arrays):
            self.arrays.append(obj)
        return place


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arrays: Sequence[np.ndarray[Any, Any]]) -> None:
        super().__init__(file)
        self._arrays = arrays

    def persistent_load(self, pid: int) -> np.ndarray[Any, Any]:
        """Return the array of a number."""
        return self._arrays[pid]
