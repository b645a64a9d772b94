"""The Plan: what an engine may read, compiled from a scenario and the constants of its base."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from simfunnel.plan.model import Plan

if TYPE_CHECKING:
    from simfunnel.plan.compile import cold_of, compile_plan, loads_of, overloads_of, passing_of
    from simfunnel.plan.today.calibration import Calibration
    from simfunnel.plan.today.solve import static_calibration

__all__ = [
    "Calibration", "Plan", "cold_of", "compile_plan", "loads_of", "overloads_of", "passing_of", "static_calibration",
]  # fmt: skip

_HOME = dict.fromkeys(("cold_of", "compile_plan", "loads_of", "overloads_of", "passing_of"), "compile")
_HOME |= {"Calibration": "today.calibration", "static_calibration": "today.solve"}


def __getattr__(name: str) -> object:
    # What needs scipy or scenarios is imported when asked for: an engine needs only the Plan.
    if name in _HOME:
        return getattr(importlib.import_module(f"simfunnel.plan.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
