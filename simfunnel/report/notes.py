"""What a reader must know of a result: typed numbers that cannot all hold at its head, all else at its end."""

from __future__ import annotations

from collections.abc import Iterable

from simfunnel.errors import contradicts
from simfunnel.report.terminal import BAD, Cell, Page


def contradictions(page: Page, warnings: Iterable[str]) -> None:
    """Write what contradicts itself, below the title and before any figure."""
    found = [warning for warning in warnings if contradicts(warning)]
    for warning in found:
        page.line("ODD", Cell(warning, BAD))
    if found:
        page.blank()


def notes(page: Page, warnings: Iterable[str]) -> None:
    """Write what else is to be known."""
    for warning in warnings:
        if not contradicts(warning):
            page.line("NOTE", warning)
