"""The only door to numba: `compiled` functions, the memory that they share, and where their machine code is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simfunnel.jit.cache import (
    PACKAGE,
    cache_folder,
    cache_is_cold,
    compiled_sources,
    is_disabled,
    nothing_is_kept,
    seal_cache,
    source_digest,
)
from simfunnel.jit.decorator import bits_of, compile_for, compiled, float_of, portable
from simfunnel.jit.memory import MANY, address_of, array_at, make_borrowed, rows

if TYPE_CHECKING:
    from simfunnel.jit.memory import borrowed

__all__ = [
    "MANY", "PACKAGE", "address_of", "array_at", "bits_of", "borrowed", "cache_folder", "cache_is_cold", "compile_for",
    "compiled", "compiled_sources", "float_of", "is_disabled", "nothing_is_kept", "portable", "rows", "seal_cache",
    "source_digest",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Make `borrowed` on first use: it needs numba."""
    if name != "borrowed":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = globals()[name] = make_borrowed()
    return made
