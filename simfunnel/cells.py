"""Cells of CSV files: a spreadsheet must take a name for text, never for a formula."""

from __future__ import annotations

import math
from typing import Any

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: Any) -> Any:
    """A value as a CSV cell: nothing where it is unknown, an apostrophe before text that a spreadsheet would compute.

    Text that begins with an apostrophe gets one too, so that taking one away gives back what was written.

    >>> cell("=1+1"), cell("'s-Hertogenbosch"), cell("web"), cell(-2.5), cell(float("nan"))
    ("'=1+1", "''s-Hertogenbosch", 'web', -2.5, '')
    """
    if isinstance(value, str):
        return f"'{value}" if value.startswith((*FORMULA_BEGINS, "'")) else value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return value
