"""What makes machine code of a function, and of what such functions call."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, TypeVar, cast, overload

from simfunnel.jit.cache import is_disabled, keep

F = TypeVar("F", bound=Callable[..., Any])

_lessons: list[Callable[[], None]] = []
_WHOLE, _FLOAT = struct.Struct("<q"), struct.Struct("<d")


@overload
def compiled(function: F, /) -> F: ...
@overload
def compiled(*signatures: str, inlined: bool = False) -> Callable[[F], F]: ...
def compiled(*given: Any, inlined: bool = False) -> Any:
    """Compile a function with numba, without fast-math, free of the GIL and cached on disk.

    `@compiled` alone compiles once per combination of argument types, at the first call. With signatures,
    `@compiled("float64(float64, uint64)")`, every call is converted to them: Python ints, numpy integers and floats all
    run the same code. Prefer this for scalars. Machine code is loaded, or made, at the first call from Python.
    `inlined` puts the code into every compiled caller: for what is short, or must become part of the caller's loop.
    With NUMBA_DISABLE_JIT=1 the plain Python function is returned.
    """
    if len(given) == 1 and callable(given[0]):
        return _compile(cast(Callable[..., Any], given[0]), (), inlined)
    return lambda function: _compile(function, given, inlined)


def _compile(function: Callable[..., Any], signatures: tuple[str, ...], inlined: bool) -> Any:
    if is_disabled():
        return function
    from simfunnel.jit.program import make_dispatcher

    while _lessons:
        _lessons.pop()()
    made = make_dispatcher(function, signatures, inlined)
    keep(made, function)
    return made


def compile_for(function: Callable[..., Any], *arguments: Any) -> None:
    """Load or make the machine code of a compiled function; it is not called.

    For arguments like these, or for the signatures that it declares.
    """
    if is_disabled():
        return
    import numba

    made = cast(Any, function)
    if made.declared:
        made.compile_declared()
    else:
        made.compile(tuple(map(numba.typeof, arguments)))


# ---------------------------------------------------------------------- what compiled code learns of plain functions


def lesson(teach: Callable[[], None]) -> Callable[[], None]:
    """Have a function teach numba something, once, before anything is compiled that is defined after it."""
    _lessons.append(teach)
    return teach


def portable(function: F) -> F:
    """Let compiled code call a plain function too, made from the same source; plain Python has it as it is.

    For what is needed where numba is not loaded, and must give the same bits within compiled code: numbers in, one
    number out, nothing but arithmetic, comparisons and other portable functions.
    """

    @lesson
    def teach() -> None:
        from numba.extending import register_jitable

        register_jitable(function)

    return function


def bits_of(x: float) -> int:
    """Return the 64 bits of a number as a whole one with sign, within compiled code and without.

    >>> hex(bits_of(1.0)), float_of(bits_of(-0.1))
    ('0x3ff0000000000000', -0.1)
    """
    return int(_WHOLE.unpack(_FLOAT.pack(x))[0])


def float_of(bits: int) -> float:
    """Return the number that 64 bits stand for: `bits_of` undone."""
    return float(_FLOAT.unpack(_WHOLE.pack(bits))[0])


@lesson
def _teach_bits() -> None:
    """Teach numba `bits_of` and `float_of`: nothing happens to the bits."""
    from numba.core import types
    from numba.extending import intrinsic, overload

    def moved(source: Any, target: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

        @intrinsic
        def move(_: Any, value: Any) -> Any:
            return target(source), code

        return move

    as_bits: Any = moved(types.float64, types.int64)
    as_float: Any = moved(types.int64, types.float64)
    overload(bits_of)(lambda x: (lambda x: as_bits(x)) if isinstance(x, types.Float) else None)
    overload(float_of)(lambda bits: (lambda bits: as_float(bits)) if isinstance(bits, types.Integer) else None)
