"""What all results have in common: plain values, JSON, a small HTML table, and one line at the prompt."""

from __future__ import annotations

import html
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from simfunnel.errors import Notice

Record = dict[str, Any]


class Result(ABC):
    """A frozen result. Whoever inherits says what it contains and what it is about."""

    @abstractmethod
    def _contents(self) -> Record:
        """What the JSON object holds; unknown numbers may be nan."""

    @abstractmethod
    def _about(self) -> str:
        """A few words for the prompt."""

    def as_dict(self) -> Record:
        """The JSON object as Python values; unknown numbers are None."""
        plain: Record = without_nan(self._contents())
        return plain

    def to_json(self) -> str:
        """The result as one JSON object."""
        return json.dumps(self.as_dict(), indent=1, ensure_ascii=False, allow_nan=False)

    def __repr__(self) -> str:
        """A line: all the numbers of a result would fill many screens."""
        return f"<{type(self).__name__}, {self._about()}: table(), as_dict(), to_json()>"


def told(warnings: Sequence[str]) -> Record:
    """The warnings of a JSON object as texts, and those about the scenario with their kind, contradictions first."""
    odd = [{"kind": each.kind, "text": str(each)} for each in warnings if isinstance(each, Notice)]
    return {"warnings": [str(each) for each in warnings], "odd": odd}


def without_nan(value: Any) -> Any:
    """The value with None in place of every number that is not finite, at any depth."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {name: without_nan(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(part) for part in value]
    return value


def html_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], title: str) -> str:
    """A table for notebooks; nothing in the cells is taken as markup."""
    cells = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{html.escape(title)}</caption><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
