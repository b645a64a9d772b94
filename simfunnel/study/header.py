"""What every result says of its study, and how results become plain values, JSON, a small HTML table and one line."""

from __future__ import annotations

import html
import json
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple

from simfunnel.errors import Notice, notices
from simfunnel.plan import Calibration
from simfunnel.scenario import Scenario, TypedRange, check
from simfunnel.study.run.typed_rates import TypedRate, contradicted
from simfunnel.study.years.plans import Prepared, Start
from simfunnel.study.years.work import STOPPED_EARLY, Work
from simfunnel.version import __version__

Record = dict[str, Any]

RUN_IN = ("period", "run_in")
EMPTY = "the pipeline began empty: early months lack deals under way (type period.run_in or opening_pipeline)"


class NotebookTable(NamedTuple):
    """A table as notebooks show it."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    title: str


class Result(ABC):
    """A frozen result; a subclass says what it contains and what it is about."""

    schema: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def about(self) -> str:
        """A few words for the prompt."""

    @abstractmethod
    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""

    @abstractmethod
    def rows(self) -> Iterable[Record]:
        """Return what the table holds, with the columns that apply to each row."""

    @abstractmethod
    def notebook(self) -> NotebookTable:
        """Return what a notebook shows."""

    def table(self) -> list[Record]:
        """Return tidy records, one a number, every record with the same columns; what does not apply is None."""
        return [dict.fromkeys(self.columns) | row for row in self.rows()]

    def as_dict(self) -> Record:
        """Return the JSON object as Python values; unknown numbers are None."""
        plain: Record = without_nan(self.record())
        return plain

    def to_json(self) -> str:
        """Return the result as one JSON object."""
        return json.dumps(self.as_dict(), indent=1, ensure_ascii=False, allow_nan=False)

    def __repr__(self) -> str:
        """Return a line: all the numbers of a result would fill many screens."""
        return f"<{type(self).__name__}, {self.about}: table(), as_dict(), to_json()>"

    def _repr_html_(self) -> str:
        """Return a table for notebooks; nothing in the cells is taken as markup."""
        head, rows, title = self.notebook()
        cells = "".join(f"<th>{html.escape(name)}</th>" for name in head)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        start = f"<table><caption>{html.escape(title)}</caption>"
        return f"{start}<thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True, repr=False, kw_only=True)
class Header:
    """What every study says of itself: of which scenario, by which version and engine, with whose luck and how much.

    `start`: when changes begin, "period", "settled" or a day. `warnings`: what a reader of the numbers must know.
    `cancelled`: stopped before its end.
    """

    schema: ClassVar[str]

    version: str
    scenario: Scenario
    calibration: Calibration
    start: str
    seed: int
    replications: int
    engine: str
    seconds: float
    warnings: tuple[str, ...]
    cancelled: bool = False

    @property
    def about(self) -> str:
        """A few words for the prompt."""
        return self.scenario.title

    def heading(self, *names: str) -> Record:
        """Return how the JSON object begins: schema, version and scenario, then some fields by their names."""
        scenario = self.scenario
        return {
            "schema": self.schema,
            "version": self.version,
            "scenario": {"title": scenario.title, "file": scenario.file, "sha256": scenario.sha256},
            "currency": scenario.currency,
            **{name: getattr(self, name) for name in names},
        }

    def notes(self) -> Record:
        """Return warnings and assumptions, as the JSON object has them."""
        assumed = [{"path": a.path, "value": a.value_text, "why": a.why} for a in self.scenario.assumed]
        return told(self.warnings) | {"assumed": assumed}


def header_of(
    scenario: Scenario,
    calibration: Calibration,
    work: Work,
    *,
    seed: int,
    start: Start,
    replications: int,
    began: float,
    warnings: Sequence[str],
    cancelled: bool = False,
) -> Header:
    """Write the header of a study that `began` then (by `time.perf_counter`) and is finished now."""
    return Header(
        version=__version__,
        scenario=scenario,
        calibration=calibration,
        start=start.isoformat() if isinstance(start, date) else start,
        seed=seed,
        replications=replications,
        engine=work.engine,
        seconds=time.perf_counter() - began,
        warnings=tuple(warnings),
        cancelled=cancelled,
    )


def warnings_of(
    scenario: Scenario,
    prepared: Prepared,
    cancelled: bool,
    typed: Sequence[TypedRate] = (),
    middles: Sequence[TypedRange] = (),
) -> tuple[str, ...]:
    """Return what a reader of the numbers must know, typed numbers that cannot all hold first.

    `cancelled`: the study was stopped before its end; `typed`: typed numbers beside what the base shows; `middles`:
    ranges that were taken at their middles.
    """
    seen = notices(contradicted(scenario, prepared.calibration, typed)) if typed else []
    stopped = (STOPPED_EARLY,) if cancelled else ()
    return (*dict.fromkeys([*seen, *prepared.warnings]), *empty_start(scenario), *stopped, *at_middles(middles))


def empty_start(scenario: Scenario) -> tuple[str, ...]:
    """Say that the pipeline begins empty, where it does and the run-in is not warned of already."""
    known = any(problem.path[:2] == RUN_IN for problem in check(scenario))
    return (EMPTY,) if scenario.starts_empty and not known else ()


def at_middles(ranges: Sequence[TypedRange]) -> tuple[str, ...]:
    """Say that numbers typed as ranges were taken at their middles, when there are any."""
    if not ranges:
        return ()
    few = [f"{each.path} at {each.words(each.middle)}" for each in ranges[:3]]
    more = f" and {len(ranges) - 3} more" if len(ranges) > 3 else ""
    return (f"ranges are taken at their middles here: {', '.join(few)}{more}",)


def told(warnings: Sequence[str]) -> Record:
    """Return the warnings as texts, and those about the scenario with their kind, contradictions first."""
    odd = [{"kind": each.kind, "text": str(each)} for each in warnings if isinstance(each, Notice)]
    return {"warnings": [str(each) for each in warnings], "odd": odd}


def without_nan(value: Any) -> Any:
    """Return the value with None in place of every number that is not finite, at any depth."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {name: without_nan(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(part) for part in value]
    return value
