"""Memory that compiled functions share: arrays by their address, and arrays whose owners are not counted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from simfunnel.jit.cache import is_disabled
from simfunnel.jit.decorator import compiled, lesson

if TYPE_CHECKING:
    from simfunnel.arrays import Array

T = TypeVar("T")

CHECKS_BOUNDS = is_disabled()
MANY = 1 << 32  # more than any array has: whoever asks for an item knows that it is there
_lent: dict[int, int] = {}  # address -> bytes that lie there


def address_of(array: Array) -> int:
    """Return where an array is in memory, for `array_at`; plain Python keeps its length too and checks bounds."""
    if not array.flags.c_contiguous:
        raise ValueError("the array is not one piece of memory")
    address = int(array.ctypes.data)
    if CHECKS_BOUNDS:
        _lent[address] = array.nbytes
    return address


def array_at(address: int, shape: int | tuple[int, ...], dtype: Any) -> Array:
    """Return the numbers or records at an address: a view that owns nothing, within compiled code and without.

    For state that many compiled functions share: numba passes an array as seven words and counts its owners at every
    call, an address as one. Whoever hands out addresses keeps the arrays, and looks after the bounds. The first
    extent may be MANY: all that is there.
    """
    import ctypes

    import numpy as np

    first, *others = shape if isinstance(shape, tuple) else (int(shape),)
    row = math.prod(others) * np.dtype(dtype).itemsize
    if first >= MANY and row:  # rows of nothing, as a plan without pools has them, stay as many as one likes
        first = _lent.get(int(address), first * row) // row
    piece = (ctypes.c_char * (first * row)).from_address(int(address))
    return np.frombuffer(piece, dtype).reshape((first, *others))


def rows(array: str, dtype: Any, *widths: str) -> Callable[..., Any]:
    """Compile the way from a record to the items of an array: `lead_at = rows("leads", LEAD)`, `lead_at(run, 3)`.

    The record keeps the array's address in the field `leads_at`. `widths` are the record's fields with the extents
    after the first: an item then has as many indices more.
    """
    start, one, other = f"{array}_at", *(*widths, "", "")[:2]

    def item(run: Any, i: int) -> Any:
        return array_at(run[start], MANY, dtype)[i]

    def item_of_row(run: Any, i: int, j: int) -> Any:
        return array_at(run[start], (MANY, run[one]), dtype)[i, j]

    def item_of_rows(run: Any, i: int, j: int, k: int) -> Any:
        return array_at(run[start], (MANY, run[one], run[other]), dtype)[i, j, k]

    found = (item, item_of_row, item_of_rows)[len(widths)]
    found.__name__ = found.__qualname__ = f"{array}_item"  # each has a file of its own in the cache
    return compiled(found)


@lesson
def _teach_array_at() -> None:
    """Teach numba `array_at`."""
    from numba import carray  # type: ignore[attr-defined]  # it is exported, but not by name
    from numba.core import cgutils, types
    from numba.extending import intrinsic, overload

    @intrinsic
    def pointer(_: Any, address: Any) -> Any:
        def code(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], cgutils.voidptr_t)

        return types.voidptr(address), code

    to_pointer: Any = pointer

    @overload(array_at)
    def compiled_array_at(address, shape, dtype):  # type: ignore[no-untyped-def]  # numba wants the bare signature
        return lambda address, shape, dtype: carray(to_pointer(address), shape, dtype)


# ---------------------------------------------------------------------- borrowed


if TYPE_CHECKING:

    def borrowed(value: T) -> T:
        """Return the same array, or tuple of arrays (any depth), for use within the compiled function that asks for it.

        Compiled code counts who uses an array: two atomic additions for each array in each call, which cost more than
        most calls do. A borrowed array is not counted. The caller must own it until the end, and it may not be
        returned.
        """


def make_borrowed() -> Any:
    """Return what `borrowed` is: an intrinsic of numba, or in plain Python the value itself."""
    if is_disabled():
        return lambda value: value
    from numba.core import types
    from numba.extending import intrinsic

    def disowned(context: Any, builder: Any, kind: Any, value: Any) -> Any:
        if isinstance(kind, types.Array):
            array = context.make_array(kind)(context, builder, value)
            array.meminfo = array.meminfo.type(None)  # nobody to count for
            return array._getvalue()
        if isinstance(kind, types.BaseTuple):
            for i, part in enumerate(cast(Any, kind)):
                item = disowned(context, builder, part, builder.extract_value(value, i))
                value = builder.insert_value(value, item, i)
        return value

    @intrinsic
    def borrowed(typingctx: Any, value: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return disowned(context, builder, signature.args[0], arguments[0])

        return value(value), codegen

    return borrowed
