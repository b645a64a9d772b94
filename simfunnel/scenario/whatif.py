"""What-ifs as data: settings of paths, in the order in which they apply."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from simfunnel.scenario.places import Place


class Setting(NamedTuple):
    """One path set to one value, from a date or from when what-ifs begin (None)."""

    start: date | None
    path: str
    value: Any
    place: Place | None = None
    owner: tuple[str | int, ...] = ()  # path in the file of the item that holds it


class WhatIf(NamedTuple):
    """A named plan: its settings, those of the what-ifs it builds on first."""

    name: str
    items: tuple[Setting, ...]
