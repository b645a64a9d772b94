"""What a target study hands back: frozen, as tidy records, JSON and a small HTML table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from simfunnel.study.estimates import NOT_MEASURED, WHOLE, Amount, Estimate, Part
from simfunnel.study.header import Header, NotebookTable, Record, Result
from simfunnel.study.target.calculator import STEPS, Backwards, Why
from simfunnel.study.target.limits import Chance, LastDates, Limit
from simfunnel.study.target.moves import TargetGoal
from simfunnel.theory.waterfall import Steps

TODAY, PLAN, CALCULATOR = "today", "plan", "calculator"
COLUMNS = ("kind", "plan", "what", "metric", "unit", "channel", "pool", "value", "half_width", "low", "high", "note")
REACHED = ("found", "already")


@dataclass(frozen=True)
class LeverFound:
    """A lever of the plan: today's level and the plan's, in `unit`s, and what the step costs over the period.

    `words`: the plan's level as planners say it; `times`: as a multiple of today's, nan where there is none. `first`
    and `last`: the levels looked at lie between them. `kind` is that of the field; `pools`, `channels`: whose reps or
    volume it is. `cost` is nan for a lever without a price.
    """

    path: str
    kind: str
    unit: str
    today: float | None
    level: float
    value: Any
    words: str
    times: float
    first: float
    last: float
    cost: float
    pools: tuple[str, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Alone:
    """What one of several levers does by itself.

    `verdict`: "found" at `lever`'s level (by a first look, without proof), else the ceiling there: the mean of the
    goal's metric with its half-width, and what binds it (None where nothing detectable does).
    """

    lever: LeverFound
    verdict: str
    mean: float
    half_width: float
    binding: Limit | None


@dataclass(frozen=True, repr=False)
class TargetResult(Header, Result):
    """What it takes to reach a target, or what stands in its way; and everything needed to do it again.

    `verdict`: "already" (today does), "found", "undecided" (the simulated periods are too few to tell), "out of reach".
    `levers`: the plan, the ceiling when the target is out of reach. `changes`: the same as a what-if types it.
    `searched`, `fresh`: the chance of the target under the plan, in the periods of the search and in as many of another
    seed: quote the second. `estimates`: of today (same luck as the search) and of the plan (fresh). `calculator`: None
    where no number of leads of these channels brings the target. `cost`: of all levers that have a price. `limits`: at
    the plan when it is out of reach, the largest gain first, single ones and then several together; `hints`: what else
    would help a plan that was found. `estimate_at`: of a single lever, where the estimate of the chance
    crosses the one asked for, `too_little` the furthest level shown to be too little: the answer lies between them.
    """

    schema: ClassVar[str] = "simfunnel.target/1"
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    fresh_seed: int
    simulated: int
    looked_at: int
    goal: TargetGoal
    verdict: str
    levers: tuple[LeverFound, ...]
    changes: Mapping[str, Any]
    cost: float
    searched: Chance
    fresh: Chance
    today: Chance
    estimate_at: float | None
    too_little: float | None
    reversals: tuple[tuple[float, float], ...]
    estimates: tuple[Estimate, ...]
    calculator: Backwards | None
    why: Why | None
    alone: tuple[Alone, ...]
    limits: tuple[Limit, ...]
    hints: tuple[Limit, ...]
    last_dates: tuple[LastDates, ...]

    @property
    def reached(self) -> bool:
        """Whether there is a plan that reaches the target."""
        return self.verdict in REACHED

    @property
    def binding(self) -> Limit | None:
        """The single limit whose relaxing detectably brings most; None when none does, or the target is reached.

        A later day always brings more, so the day asked for binds only where nothing else does.
        """
        single = [each for each in self.limits if each.kind != "several" and each.detected and each.gain > 0]
        single.sort(key=lambda each: each.kind == "date")
        return single[0] if single else None

    def estimate(self, metric: str, plan: str = PLAN, part: Part = WHOLE) -> Estimate | None:
        """Return one figure of "today" or of the "plan", None when it was not measured."""
        same = (each for each in self.estimates if (each.metric, each.plan, each.part) == (metric, plan, part))
        return next(same, None)

    def value(self, metric: str, plan: str = PLAN, part: Part = WHOLE) -> Amount:
        """Return mean and half-width of one figure of "today" or of the "plan", nan when it was not measured."""
        found = self.estimate(metric, plan, part)
        return NOT_MEASURED if found is None else Amount(found.mean, found.half_width)

    def visits(self, plan: str) -> Amount:
        """Add up the visits of the channels that count them; nan when none does."""
        total, width = 0.0, 0.0
        for name, channel in self.scenario.channels.items():
            if channel.visit_to_lead:
                leads = self.value("leads", plan, Part(channel=name))
                total, width = (
                    total + leads.mean / channel.visit_to_lead,
                    width + leads.half_width / channel.visit_to_lead,
                )
        return Amount(total, width) if total else NOT_MEASURED

    def rows(self) -> Iterator[Record]:
        """Yield chances, levers, values, the calculator's, reasons, limits and last dates."""
        for name, chance in ((TODAY, self.today), ("searched", self.searched), (PLAN, self.fresh)):
            interval = {"value": chance.share, "low": chance.low, "high": chance.high}
            yield {"kind": "chance", "plan": name, "metric": self.goal.metric, "unit": "share", **interval}
        for lever in self.levers:
            numbers = {"value": lever.level, "low": lever.first, "high": lever.last}
            yield {
                "kind": "lever",
                "plan": PLAN,
                "what": lever.path,
                "unit": lever.unit,
                "note": lever.words,
                **numbers,
            }
            yield {"kind": "cost", "plan": PLAN, "what": lever.path, "unit": "money", "value": lever.cost}
        for each in self.estimates:
            part = {"channel": each.part.channel or None, "pool": each.part.pool or None}
            numbers = {"value": each.mean, "half_width": each.half_width, "low": each.p10, "high": each.p90}
            yield {"kind": "value", "plan": each.plan, "metric": each.metric, "unit": each.unit, **part, **numbers}
        yield from self._calculated()
        for piece in self.why.pieces if self.why else ():
            yield {"kind": "why", "what": piece.reason, "metric": self.goal.metric, "value": piece.amount,
                   "half_width": piece.half_width}  # fmt: skip
            yield {"kind": "why", "what": piece.reason, "metric": "leads", "value": piece.leads}
        for limit in (*self.limits, *self.hints):
            yield {"kind": "limit", "what": f"{limit.kind} {limit.name}".strip(), "metric": self.goal.metric,
                   "value": limit.gain, "half_width": limit.gain_half_width, "note": limit.reaches}  # fmt: skip
        for day in self.last_dates:
            for word, when in (("half", day.half), ("few", day.few)):
                yield {"kind": "last date", "what": f"{day.what} {day.name}".strip(), "metric": word,
                       "note": when.isoformat()}  # fmt: skip

    def _calculated(self) -> Iterator[Record]:
        if self.calculator is None:
            return
        rows: list[tuple[str | None, Steps]] = [(None, self.calculator.all), *self.calculator.by_channel.items()]
        for channel, steps in rows:
            for name in STEPS:
                unit = "money" if name == "revenue" else "count"
                yield {"kind": "value", "plan": CALCULATOR, "metric": name, "unit": unit, "channel": channel,
                       "value": getattr(steps, name)}  # fmt: skip
        for pool, reps in self.calculator.reps.items():
            yield {"kind": "value", "plan": CALCULATOR, "metric": "reps", "unit": "count", "pool": pool, "value": reps}

    @property
    def about(self) -> str:
        """A few words for the prompt."""
        return f"{self.scenario.title}: {self.verdict}"

    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""
        return {
            **self.heading("seed", "fresh_seed", "replications", "simulated", "engine", "start", "verdict", "cost"),
            **self.notes(),
            "goal": asdict(self.goal) | {"by": self.goal.by.isoformat()},
            "levers": [asdict(each) for each in self.levers],
            "changes": dict(self.changes),
            "chance": {TODAY: asdict(self.today), "searched": asdict(self.searched), "fresh": asdict(self.fresh)},
            "estimate_at": self.estimate_at,
            "too_little": self.too_little,
            "reversals": [list(pair) for pair in self.reversals],
            "calculator": None if self.calculator is None else self.calculator.record(),
            "why": None if self.why is None else asdict(self.why),
            "alone": [asdict(each) for each in self.alone],
            "binding": None if self.binding is None else asdict(self.binding),
            "limits": [asdict(each) for each in self.limits],
            "hints": [asdict(each) for each in self.hints],
            "last_dates": [
                asdict(each) | {"half": each.half.isoformat(), "few": each.few.isoformat()} for each in self.last_dates
            ],
            "metrics": [each.record() for each in self.estimates],
        }

    def notebook(self) -> NotebookTable:
        """Return the levers and the chance, for notebooks."""
        rows = [(each.path, each.words, "" if math.isnan(each.cost) else f"{each.cost:+,.0f}") for each in self.levers]
        said = f"{self.verdict}; {100 * self.fresh.share:.0f} of 100 fresh periods reach it"
        title = f"{self.scenario.title}: {self.goal.metric} of {self.goal.wanted:,.0f}: {said}"
        return NotebookTable(("lever", "level", "cost"), rows, title)
