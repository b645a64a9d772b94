"""Keys of measured values, and their layout in one row of numbers."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.metrics.spans import span_of
from simfunnel.plan import model
from simfunnel.plan.kept import kept_by_plan
from simfunnel.plan.model import Clause, Plan


class Key(NamedTuple):
    """The name of one number: a metric and, where it is split, the part it is for.

    `month`: index of the month that results are shown by, of a clause that of the calendar month; `rep`: number within
    `pool`; `part`: a band of scores ("60-70"), a pair of verdicts ("passed/accepted") or a clause of the agreement
    ("sales.response"); `pass_`: from 1.
    """

    metric: str
    channel: str = ""
    campaign: str = ""
    pool: str = ""
    stage: str = ""
    month: int = -1
    rep: int = -1
    part: str = ""
    pass_: int = 0


@dataclass(frozen=True)
class Measures:
    """All metrics of one replication: value = numerator / denominator, nothing to say where the denominator is 0.

    The keys depend on the plan only, so replications of a plan stack into arrays. Over replications a metric is the
    sum of numerators over the sum of denominators (`stats.estimate_ratio`); plain sums have denominator 1.
    """

    keys: tuple[Key, ...]
    numerator: Floats
    denominator: Floats

    def values(self) -> Floats:
        """Return the value of every key, in the order of `keys`; nan where there is nothing to divide by."""
        result = np.full(len(self.numerator), np.nan)
        np.divide(self.numerator, self.denominator, out=result, where=self.denominator != 0)
        return result

    def value(self, metric: str, **part: str | int) -> float:
        """Return the value of one key; raises KeyError when the plan has no such key."""
        # the parts are names and numbers by field of Key, which one dict type cannot say
        key = Key(metric, **part)  # type: ignore[arg-type]
        if key not in self.keys:
            raise KeyError(key)
        row = self.keys.index(key)
        return float(self.values()[row])


MOST_REPS = 200  # above this many reps on the roster nothing is split by rep
MOST_PASSES = 9

MARKETING_VERDICTS = ("passed", "passed later", "never passed")
SALES_VERDICTS = ("accepted", "rejected", "not reached")
MONTH, CALENDAR_MONTH = "month", "calendar month"
DIMENSIONS = (MONTH, "channel", "campaign", "pool", "stage", "rep", "pass", "band", "verdict", "clause")
VERDICTS = tuple(f"{first}/{second}" for first in MARKETING_VERDICTS for second in SALES_VERDICTS)


@dataclass(frozen=True)
class Layout:
    """The parts of one plan; two plans with the same layout have the same keys."""

    channels: tuple[str, ...]
    campaigns: tuple[str, ...]
    pools: tuple[str, ...]
    stages: tuple[str, ...]
    months: int  # that results are shown by
    calendar_months: int  # by which an agreement is judged
    reps: tuple[tuple[int, int], ...]  # (pool, number), empty when there are too many to be told apart
    passes: int
    band_edges: tuple[float, ...]  # inner edges; one band more than edges
    clauses: tuple[str, ...]

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Number of parts of every dimension."""
        return {dim: len(self.labels(dim)) for dim in DIMENSIONS}

    @cached_property
    def margins(self) -> dict[tuple[str, ...], Any]:
        """How cells of some dimensions add up to splits (`tally.Margins`), as worked out so far."""
        return {}

    def labels(self, dim: str) -> tuple[dict[str, str | int], ...]:
        """Return what each part of a dimension says in a Key."""
        return _labels(self, dim)

    def keys(self, metric: str, split: str) -> tuple[Key, ...]:
        """Return keys of a metric by one split ("", "channel", "stage+month"), the last dimension running fastest."""
        return _keys(self, metric, split)


@kept_by_plan
def layout_of(plan: Plan) -> Layout:
    """Return the layout of a plan, one object for all that are equal."""
    roster = plan.roster
    reps = tuple(zip(roster.pool.tolist(), roster.number.tolist(), strict=True))
    cycles = max((phase.cycles for phase in plan.phases if phase.nurtures), default=0)
    return _one(
        Layout(
            channels=plan.channels,
            campaigns=plan.campaigns,
            pools=plan.pools,
            stages=plan.stages,
            months=len(plan.months_h) - 1,
            calendar_months=len(plan.month_start_h) - 1,
            reps=reps if len(reps) <= MOST_REPS else (),
            passes=min(1 + cycles, MOST_PASSES),
            band_edges=band_edges(plan.phases[0]),
            clauses=clause_names(plan.clauses),
        )
    )


def band_edges(phase: model.Phase) -> tuple[float, ...]:
    """Return inner edges of the bands of scores: round steps near half a standard deviation (10 points at sd 20)."""
    sd = abs(phase.score_per_unit)
    if not 0 < sd < math.inf:
        return ()
    power = 10.0 ** math.floor(math.log10(sd / 2))
    step = min((power, 2 * power, 5 * power, 10 * power), key=lambda size: abs(math.log(size / (sd / 2))))
    first = math.floor((phase.score_mean - 2 * sd) / step)
    last = math.ceil((phase.score_mean + 2 * sd) / step)
    return tuple(round(edge * step, 12) for edge in range(first, last + 1))


def clause_names(clauses: tuple[Clause, ...]) -> tuple[str, ...]:
    """Return names of the clauses: "side.metric", the pool or channel in brackets, numbered where that is not enough.

    >>> clause_names((Clause("sales", "response", 0.6, 1.0, 8.0), Clause("sales", "response", 0.3, 1.0, 1.0)))
    ('sales.response', 'sales.response #2')
    """
    names: list[str] = []
    for clause in clauses:
        part = clause.pool or clause.channel
        name = f"{clause.side}.{clause.metric}" + (f"[{part}]" if part else "")
        same = sum(1 for other in names if other == name or other.startswith(name + " #"))
        names.append(f"{name} #{same + 1}" if same else name)
    return tuple(names)


@lru_cache(maxsize=64)
def _one(layout: Layout) -> Layout:
    return layout


@lru_cache(maxsize=512)
def _labels(layout: Layout, dim: str) -> tuple[dict[str, str | int], ...]:
    if dim in (MONTH, CALENDAR_MONTH):
        return tuple({"month": m} for m in range(layout.months if dim == MONTH else layout.calendar_months))
    if dim == "rep":
        return tuple({"pool": layout.pools[pool], "rep": number} for pool, number in layout.reps)
    if dim == "pass":
        return tuple({"pass_": number} for number in range(1, layout.passes + 1))
    if dim == "band":
        edges = [f"{edge:g}" for edge in layout.band_edges]
        inner = [f"{low}-{high}" for low, high in itertools.pairwise(edges)]
        bands = [f"below {edges[0]}", *inner, f"{edges[-1]} and above"] if edges else ["all scores"]
        return tuple({"part": name} for name in bands)
    if dim == "verdict":
        return tuple({"part": name} for name in VERDICTS)
    if dim == "clause":
        return tuple({"part": name} for name in layout.clauses)
    names: tuple[str, ...] = getattr(layout, dim + "s")
    return tuple({dim: name} for name in names)


@lru_cache(maxsize=4096)
def _keys(layout: Layout, metric: str, split: str) -> tuple[Key, ...]:
    parts: list[dict[str, str | int]] = [{}]
    dims = split.split("+") if split else []
    for dim in [CALENDAR_MONTH if dim == MONTH and "clause" in dims else dim for dim in dims]:
        parts = [{**part, **label} for part in parts for label in layout.labels(dim)]
    # the parts are names and numbers by field of Key, which one dict type cannot say
    return tuple(Key(metric, **part) for part in parts)  # type: ignore[arg-type]


def bands(layout: Layout, score: Floats) -> Ints:
    """Return the band of each score: 0 below the first edge; an edge belongs to the band above it."""
    if not layout.band_edges:
        return np.zeros(len(score), np.int64)
    return span_of(np.array(layout.band_edges), np.ascontiguousarray(score)) + 1
