"""Does it still hold, on this machine: known answers, engines compared to the byte, and the exact numbers of theory.

The room and what it is for have one name: `simfunnel.verify` is this module, and calling it is calling `verify`.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simfunnel.verify.result import Check, VerifyResult
    from simfunnel.verify.run import verify

__all__ = ["Check", "VerifyResult", "verify"]

_HOMES = {"Check": "result", "VerifyResult": "result", "verify": "run"}


def __getattr__(name: str) -> Any:
    # What draws random scenarios or compares ledgers must not load every check, nor compile for it.
    if name in _HOMES:
        return getattr(importlib.import_module(f"simfunnel.verify.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class _Room(ModuleType):
    """Python puts a room that was imported in the place of a function of the same name; so the room can be called."""

    def __call__(self, *given: Any, **named: Any) -> VerifyResult:
        result: VerifyResult = self.verify(*given, **named)
        return result


sys.modules[__name__].__class__ = _Room
