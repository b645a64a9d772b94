"""What a sweep hands back: every level with its figures, the best and those tied with it, frozen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from simfunnel.errors import Problem
from simfunnel.metrics import TABLE
from simfunnel.scenario import Lever
from simfunnel.study.estimates import NOT_MEASURED, Amount
from simfunnel.study.header import Header, NotebookTable, Record, Result
from simfunnel.units import significant

COLUMNS = (
    "kind", "lever", "level", "lever_2", "level_2", "status", "today", "best", "tied", "accuracy", "metric", "unit",
    "pool", "years", "mean", "half_width", "difference_to_best", "difference_half_width",
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A mean with its 95% half-width (nan below two years); `pool` is empty for the whole plan."""

    metric: str
    mean: float
    half_width: float
    pool: str = ""

    @property
    def unit(self) -> str:
        """The metric's unit."""
        return TABLE[self.metric].unit

    def record(self) -> Record:
        """Return the JSON object."""
        part = {"pool": self.pool} if self.pool else {}
        return {"metric": self.metric, "unit": self.unit, **part, "mean": self.mean, "half_width": self.half_width}


@dataclass(frozen=True)
class SweptLevel:
    """One level of a lever, or one cell of the grid of two; `levels` is empty for today where it is no level.

    `figures` are those of all years, as if each level had been simulated as often as the best: a level that left early
    is told by its difference to the best over the years that both have. `difference` is that of the objective to the
    best level with its 95% half-width; `low` and `high` hold the lead over the best of the others, for all levels at
    once. Impossible levels have no years and a `problem`, overloaded ones have both.
    """

    levels: tuple[float, ...]
    words: tuple[str, ...]
    today: bool
    problem: Problem | None
    years: int = 0
    figures: tuple[Figure, ...] = ()
    difference: float = math.nan
    half_width: float = math.nan
    low: float = math.nan
    high: float = math.nan
    tied: bool = False
    best: bool = False

    @property
    def status(self) -> str:
        """ok, overloaded (a team cannot keep up), impossible, or not simulated (the sweep was stopped before)."""
        if self.problem is not None:
            return "overloaded" if self.years else "impossible"
        return "ok" if self.years else "not simulated"

    @property
    def name(self) -> str:
        """The level as people say it."""
        return ", ".join(self.words)

    def figure(self, metric: str, pool: str = "") -> Figure | None:
        """Return one figure; None when it was not measured."""
        return next((each for each in self.figures if (each.metric, each.pool) == (metric, pool)), None)

    def value(self, metric: str, pool: str = "") -> Amount:
        """Return mean and half-width of one figure, nan when it was not measured."""
        found = self.figure(metric, pool)
        return NOT_MEASURED if found is None else Amount(found.mean, found.half_width)

    def record(self, levers: Sequence[Lever]) -> Record:
        """Return the JSON object."""
        return {
            "level": {lever.path: level for lever, level in zip(levers, self.levels, strict=False)},
            "words": self.name,
            "status": self.status,
            "problem": None if self.problem is None else str(self.problem),
            "today": self.today,
            "best": self.best,
            "tied": self.tied,
            "replications": self.years,
            "difference_to_best": {"mean": self.difference, "half_width": self.half_width},
            "lead_over_the_others": {"low": self.low, "high": self.high},
            "metrics": [each.record() for each in self.figures],
        }


@dataclass(frozen=True)
class Fresh:
    """The level chosen, and today, simulated again with luck that had no part in the choice.

    `gain` is the level's objective minus today's, a year by year difference; None where the level is today's.
    `agrees`: the search's figure and this one differ by no more than their intervals allow.
    """

    seed: int
    years: int
    chosen: Figure
    today: Figure | None
    gain: Figure | None
    agrees: bool

    def record(self) -> Record:
        """Return the JSON object."""
        parts = {"chosen": self.chosen, "today": self.today, "gain": self.gain}
        told = {name: None if part is None else part.record() for name, part in parts.items()}
        return {"seed": self.seed, "replications": self.years, "agrees": self.agrees, **told}


@dataclass(frozen=True)
class Most:
    """Where another metric is highest: the place of that level, and by how much it leads the level chosen.

    `detectable`: the lead is larger than chance explains, given how many levels there are. `costs` is the objective of
    that level minus that of the chosen one.
    """

    metric: str
    place: int
    lead: float
    half_width: float
    detectable: bool
    costs: Figure

    def record(self, names: Sequence[str]) -> Record:
        """Return the JSON object."""
        found = {"metric": self.metric, "level": names[self.place], "lead": self.lead, "half_width": self.half_width}
        return {**found, "detectable": self.detectable, "objective": self.costs.record()}


@dataclass(frozen=True)
class AtAccuracy:
    """The answer if the score were more or less accurate and nothing else changed; places of levels among those tried.

    `problem` says why there is no answer.
    """

    word: str
    correlation: float
    years: int
    best: int | None
    tied: tuple[int, ...]
    tried: tuple[int, ...]
    problem: str = ""

    def record(self, names: Sequence[str]) -> Record:
        """Return the JSON object."""
        return {
            "accuracy": self.word,
            "correlation": self.correlation,
            "replications": self.years,
            "best": None if self.best is None else names[self.best],
            "tied": [names[place] for place in self.tied],
            "tried": [names[place] for place in self.tried],
            "problem": self.problem or None,
        }


@dataclass(frozen=True)
class RidgeStep:
    """Of one level of the first lever: the best cell, and those tied with it, as places."""

    level: float
    best: int
    tied: tuple[int, ...]


@dataclass(frozen=True, repr=False)
class SweepResult(Header, Result):
    """One lever, or two, over their levels: the curve or the map, the answer, and what is needed to do it again.

    `levels` are in the order of the levers (the second runs fastest), today where it belongs. `places` of the other
    fields count in it. `decided`: all levels left were known within the zone; else `margin` is what could be told
    apart. `detectable` False: no level was told apart from any other.
    """

    schema: ClassVar[str] = "simfunnel.sweep/1"
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    total_replications: int
    levers: tuple[Lever, ...]
    objective: str
    zone: float
    zone_assumed: bool
    levels: tuple[SweptLevel, ...]
    best: int
    decided: bool
    margin: float
    detectable: bool
    wanted_for_skew: int
    score_correlation: float
    most: tuple[Most, ...] = ()
    fresh: Fresh | None = None
    accuracies: tuple[AtAccuracy, ...] = ()
    ridge: tuple[RidgeStep, ...] = ()

    @property
    def tied(self) -> tuple[SweptLevel, ...]:
        """The levels that cannot be told apart from the best within the zone, the best among them."""
        return tuple(each for each in self.levels if each.tied)

    @property
    def chosen(self) -> SweptLevel:
        """The best level."""
        return self.levels[self.best]

    @property
    def today(self) -> SweptLevel:
        """The level that holds today."""
        return next(each for each in self.levels if each.today)

    @property
    def pools(self) -> tuple[str, ...]:
        """Names of the pools whose load is known at some level."""
        names = self.scenario.pools
        return tuple(n for n in names if any(not math.isnan(e.value("busy_share", n).mean) for e in self.levels))

    def stands_out(self, level: SweptLevel) -> bool:
        """Tell whether a level is the best, where any level can be told apart from another at all."""
        return level.best and self.detectable

    @property
    def about(self) -> str:
        """A few words for the prompt."""
        return f"{self.scenario.title}: {self._title()}"

    def _place(self, each: SweptLevel) -> Record:
        found: Record = {"status": each.status, "today": each.today, "best": each.best, "tied": each.tied}
        for end, lever, level in zip(("", "_2"), self.levers, each.levels or (None, None), strict=False):
            found |= {f"lever{end}": lever.path, f"level{end}": level}
        return found

    def rows(self) -> Iterator[Record]:
        """Yield the figures of every level, those on fresh seeds, and what is best under other scores."""
        for each in self.levels:
            row = {"kind": "level"} | self._place(each) | {"years": each.years}
            gap = {"difference_to_best": each.difference, "difference_half_width": each.half_width}
            for figure in each.figures:
                yield row | figure.record() | (gap if figure.metric == self.objective else {})
            if not each.figures:
                yield row | {"years": 0}
        if self.fresh is not None:
            told = {"fresh": self.fresh.chosen, "fresh today": self.fresh.today, "fresh gain": self.fresh.gain}
            for kind, again in told.items():
                if again is not None:
                    place = self._place(self.chosen) if kind != "fresh today" else {}
                    yield {"kind": kind, "years": self.fresh.years} | place | again.record()
        for other in self.accuracies:
            for at in other.tied:
                which = {"best": at == other.best, "tied": True, "accuracy": other.correlation, "years": other.years}
                yield {"kind": "accuracy"} | self._place(self.levels[at]) | which

    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""
        names = [each.name for each in self.levels]
        return {
            **self.heading("seed", "replications", "total_replications", "cancelled", "engine", "start"),
            **self.notes(),
            "levers": [
                {"path": lever.path, "kind": lever.kind, "unit": lever.unit, "today": lever.today}
                for lever in self.levers
            ],
            "objective": {"metric": self.objective, "unit": TABLE[self.objective].unit},
            "zone": {"amount": self.zone, "assumed": self.zone_assumed},
            "best": self.chosen.name,
            "tied": [each.name for each in self.tied],
            "detectable": self.detectable,
            "decided": self.decided,
            "margin": self.margin,
            "wanted_for_skew": self.wanted_for_skew,
            "levels": [each.record(self.levers) for each in self.levels],
            "most": [each.record(names) for each in self.most],
            "fresh": None if self.fresh is None else self.fresh.record(),
            "score_correlation": self.score_correlation,
            "accuracies": [each.record(names) for each in self.accuracies],
            "ridge": [
                {"level": step.level, "best": names[step.best], "tied": [names[place] for place in step.tied]}
                for step in self.ridge
            ],
        }

    def notebook(self) -> NotebookTable:
        """Return the levels with the objective, for notebooks."""
        rows = []
        for each in self.levels:
            figure, said = each.figure(self.objective), "best" if each.best else "tied" if each.tied else ""
            known = figure and f"{significant(figure.mean, 4, ',')} ± {significant(figure.half_width, 2, ',')}"
            rows.append((each.name, known or "", said))
        return NotebookTable(("level", self.objective, ""), rows, f"{self.scenario.title}: sweep of {self._title()}")

    def _title(self) -> str:
        return " and ".join(lever.path for lever in self.levers)
