"""What a target asks for, and its levers: between which levels each may move, in which steps, and what a step costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import floor, isfinite, log10
from typing import Any, Literal

import numpy as np

from simfunnel.errors import MISSING, ArgumentError, Problem, ScenarioError, path_text, value_text
from simfunnel.metrics import Key
from simfunnel.plan import Plan
from simfunnel.scenario import Lever, Scenario, lever_of, with_places
from simfunnel.stats import LeverGrid, RankGoal
from simfunnel.study.years.plans import Start
from simfunnel.study.years.samples import Samples
from simfunnel.units import significant

TargetMetric = Literal["revenue", "wins", "profit"]
METRICS: tuple[TargetMetric, ...] = ("revenue", "wins", "profit")
USUAL_CHANCE = 0.8
LEVEL = 0.95

MOST_TIMES = 2.0  # today's volume or reps, where no highest level is typed
MORE_REPS = 5
FINE = 0.02  # of today's level: the usual step of what is no whole number
STEPS = 50  # of a typed range, where no step and no today is known
YEAR_DAYS = 365.0
PERCENTAGES = ("%", "x today")  # units of levels that people say in percent
VOLUMES = ("leads", "visits")
NO_RANGE = "needs the levels between which it may move"
EVERY_CHANNEL = "channels.*.volume"


@dataclass(frozen=True)
class TargetGoal:
    """`wanted` or more of a metric up to and including the day `by`, in a share `chance` of the simulated periods."""

    metric: TargetMetric
    wanted: float
    chance: float
    by: date

    @property
    def key(self) -> Key:
        """The metric as it is measured."""
        return Key(self.metric)

    def ranked(self, chance: float | None = None) -> RankGoal:
        """Return the goal as a search wants it."""
        return RankGoal(self.wanted, self.chance if chance is None else chance, LEVEL)


def last_day(scenario: Scenario) -> date:
    """Return the last day of a scenario's period."""
    return scenario.period.stop - timedelta(days=1)


def goal_of(
    scenario: Scenario,
    metric: TargetMetric,
    wanted: float | None,
    by: date | None,
    confidence: float | None,
    start: Start = "period",
) -> TargetGoal:
    """Return what is asked for, as typed or as the scenario's target says; ScenarioError for what cannot be asked."""
    typed = scenario.target
    if metric not in METRICS:
        raise ArgumentError("metric", f"{value_text(metric)} is no metric of a target: one of {', '.join(METRICS)}")
    if wanted is None and metric == "revenue" and typed is not None:
        wanted = typed.revenue
    if wanted is None:
        in_file = ", or type target: {revenue: ...} in the file" if metric == "revenue" else ""
        remedy = f"give --{metric} AMOUNT{in_file}"
        raise with_places(scenario, [Problem(("target",), MISSING, f"no {metric} to reach is typed", remedy)])
    if not isfinite(wanted) or (wanted <= 0 and metric != "profit"):
        rule = "is no target: it is reached by doing nothing"
        raise ScenarioError([Problem((), significant(wanted, 6), rule, "write an amount above 0", file=f"--{metric}")])
    if confidence is None:
        confidence = typed.confidence if typed is not None and typed.confidence else USUAL_CHANCE
    if not 0 < confidence < 1:
        remedy = "write a share between 0% and 100%, e.g. 80%"
        raise ScenarioError([Problem((), confidence, "cannot be shown by simulation", remedy, file="--confidence")])
    last = last_day(scenario)
    if by is not None and not scenario.period.start <= by <= last:
        remedy = f"write a day from {scenario.period.start} to {last}, or lengthen the period: --set period.months=18"
        raise ScenarioError([Problem((), by.isoformat(), "does not lie in the period", remedy, file="--by")])
    if isinstance(start, date) and start > (by or last):
        rule = f"comes after {by or last}, the last day that counts: the plan would change nothing"
        remedy = "begin the plan earlier, or count up to a later day with --by"
        raise ScenarioError([Problem((), start.isoformat(), rule, remedy, file="--from")])
    return TargetGoal(metric, float(wanted), float(confidence), by or last)


@dataclass(frozen=True)
class Move:
    """A lever with its grid of levels, and what one unit of it costs over the period, against today.

    `priced`: the scenario or the planner says what it costs; otherwise it costs nothing here.
    """

    lever: Lever
    grid: LeverGrid
    price: float
    priced: bool

    @property
    def path(self) -> str:
        """The path as typed."""
        return self.lever.path

    @property
    def pools(self) -> tuple[str, ...]:
        """The teams whose reps it sets; empty for any other lever."""
        return pools_of(self.lever)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels whose volume it sets; empty for any other lever."""
        return channels_of(self.lever)

    def cost(self, level: float) -> float:
        """Return what a level costs more than today; than the first level where today is not comparable."""
        today = self.grid.start if self.lever.today is None else self.lever.today
        return self.price * ((level - today) if self.grid.end >= self.grid.start else (today - level))

    def times(self, level: float) -> float:
        """Return a level as a multiple of today's; nan where there is none."""
        today = self.lever.today
        return level / today if today else float("nan")


def pools_of(lever: Lever) -> tuple[str, ...]:
    """Return the teams whose reps a lever sets; empty unless that is all it does."""
    hit = [t for t in lever.targets if len(t) == 3 and t[0] == "pools" and t[2] == "reps"]
    return tuple(str(t[1]) for t in hit) if len(hit) == len(lever.targets) else ()


def channels_of(lever: Lever) -> tuple[str, ...]:
    """Return the channels whose volume a lever sets; empty unless that is all it does."""
    hit = [t for t in lever.targets if len(t) == 3 and t[0] == "channels" and t[2] in VOLUMES]
    return tuple(str(t[1]) for t in hit) if len(hit) == len(lever.targets) else ()


def read_levers(scenario: Scenario, texts: Sequence[str]) -> tuple[Lever, ...]:
    """Read levers, all channels' volume when there is none; ScenarioError for one that cannot be moved.

    Beside what `lever_of` refuses: beliefs (a target is reached by what one does), one thing moved by two levers, and
    levers without a range, volumes and reps apart.
    """
    levers = tuple(lever_of(scenario, text) for text in (texts or (EVERY_CHANNEL,)))
    problems: list[Problem] = []
    seen: dict[object, str] = {}
    for lever in levers:
        if lever.belief:
            remedy = "name what you can do: volumes, reps, the threshold, hand-offs; or change the belief with --set"
            problems.append(_problem(lever, "says how the world is, which no plan changes", remedy))
        elif lever.low is None and not (pools_of(lever) or channels_of(lever)):
            problems.append(_problem(lever, NO_RANGE, f"write --lever {lever.path}=FROM:TO"))
        elif lever.low is None and lever.today is None:
            problems.append(_problem(lever, NO_RANGE + ": today's level is no number", "write PATH=FROM:TO"))
        for target in lever.targets:
            if target in seen:
                rule = f"moves {path_text(target)}, which --lever {seen[target]} moves too"
                problems.append(_problem(lever, rule, "keep one of the two"))
            seen[target] = lever.path
    if problems:
        raise ScenarioError(list(dict.fromkeys(problems)))
    return levers


def upward(lever: Lever) -> LeverGrid | None:
    """Return the levels of a lever of which more is more: volumes and reps; None for any other."""
    if not (pools_of(lever) or channels_of(lever)):
        return None
    today = lever.today
    low = lever.low if lever.low is not None else today or 0.0
    if lever.high is not None:
        high = lever.high
    elif lever.whole:
        high = max(MOST_TIMES * low, low + MORE_REPS)
    else:
        high = MOST_TIMES * low
    return LeverGrid(low, high, _step(lever, today, low, high))


def either_way(lever: Lever) -> tuple[LeverGrid, ...]:
    """Return the one or two ways in which any other lever may go, from today to the ends of its range."""
    low, high, today = lever.low, lever.high, lever.today
    if low is None or high is None:
        raise ArgumentError("levers", f"{lever.path} {NO_RANGE}")
    step = _step(lever, today, low, high)
    start = low if today is None else min(max(today, low), high)
    ends = [end for end in (low, high) if end != start]
    return tuple(LeverGrid(start, end, step) for end in ends)


def _step(lever: Lever, today: float | None, low: float, high: float) -> float:
    if lever.step is not None:
        return lever.step
    if lever.whole:
        return 1.0
    if (pools_of(lever) or channels_of(lever)) and today:
        return FINE * today
    return nice((high - low) / STEPS)


def nice(step: float) -> float:
    """Return the nearest of 1, 2 and 5 times a power of ten.

    >>> nice(0.6), nice(17.0)
    (0.5, 20.0)
    """
    power = 10.0 ** floor(log10(step))
    return min((power, 2 * power, 5 * power, 10 * power), key=lambda each: abs(log10(each / step)))


@dataclass(frozen=True)
class Now:
    """Today, as far as prices need it: its plan and samples, and on which days of it a changed plan is in force.

    Days count from the period's first; `last` is the last that counts, `first` that on which the plan begins.
    """

    scenario: Scenario
    plan: Plan
    samples: Samples
    first: int
    last: int

    @property
    def years(self) -> float:
        """How long the plan is in force."""
        return (self.last - self.first + 1) / YEAR_DAYS

    def of(self, metric: str, channel: str) -> float:
        """Mean of a channel's metric."""
        return float(np.nan_to_num(self.samples.values(Key(metric, channel=channel))).mean())

    def moved(self, channel: str) -> float:
        """Leads of a channel that follow its volume: without those of campaigns and lists."""
        at = self.plan.channels.index(channel)
        paid = sum(
            float(np.nan_to_num(self.samples.values(Key("leads", campaign=campaign))).mean())
            for campaign, facts in zip(self.plan.campaigns, self.plan.campaign_facts, strict=True)
            if facts.channel == at
        )
        return max(0.0, self.of("leads", channel) - paid) * by_volume(self.scenario, channel)

    def share(self, channel: str) -> float:
        """Share of a channel's usual leads that are expected while the plan is in force; 1 when it has none."""
        at, origin = self.plan.channels.index(channel), -self.plan.first_day
        rates = [each.rate_h for each in self.plan.sources if each.channel == at and each.campaign < 0]
        counted = sum(float(each[origin : origin + self.last + 1].sum()) for each in rates)
        late = sum(float(each[origin + self.first : origin + self.last + 1].sum()) for each in rates)
        return late / counted if counted > 0 else 1.0


def price_of(lever: Lever, grid: LeverGrid, now: Now, prices: Mapping[str, float]) -> Move:
    """Price a lever: reps and leads at what the scenario says they cost, anything else as typed in `prices`.

    `prices`, by path: money a year for a rep, for a lead of a volume, else for one unit of the lever over the period,
    which is a point of a share and of a multiple of today.
    Reps and leads are paid for as long as the plan is in force.
    """
    typed = prices.get(lever.path)
    if names := pools_of(lever):
        costs = [now.scenario.pools[name].cost_per_rep for name in names]
        yearly = sum(each.per_year for each in costs if each is not None) if typed is None else typed * len(names)
        return Move(lever, grid, yearly * now.years, typed is not None or any(costs))
    if names := channels_of(lever):
        level = lever.today or grid.start or 1.0
        spent = 0.0
        for name in names:
            usual = by_volume(now.scenario, name) * now.of("lead_cost", name) if typed is None else 0.0
            spent += now.share(name) * (usual if typed is None else typed * now.moved(name))
        return Move(lever, grid, spent / level, spent > 0.0 or typed is not None)
    points = 100.0 if lever.unit in PERCENTAGES else 1.0
    return Move(lever, grid, points * (typed or 0.0), typed is not None)


def check_prices(levers: Sequence[Lever], prices: Mapping[str, float]) -> None:
    """Refuse prices of no lever, and those that are none; raises ScenarioError."""
    known = {each.path for each in levers}
    problems = [
        Problem((), path, "is the price of no lever", f"levers are: {', '.join(sorted(known))}", file="--price")
        for path in prices
        if path not in known
    ]
    problems += [
        Problem((), price, f"is no price for {path}", "write an amount of money, 0 or more", file="--price")
        for path, price in prices.items()
        if not price >= 0
    ]
    if problems:
        raise ScenarioError(problems)


def shortened(move: Move, last: int) -> Move:
    """Cut a lever off, as far as a position."""
    if last >= len(move.grid) - 1:
        return move
    return replace(move, grid=replace(move.grid, end=move.grid.at(last)))


def changes_at(moves: Sequence[Move], levels: Sequence[float]) -> dict[str, Any]:
    """Return what a what-if would type for these levels; levers that stay where they are today are left out."""
    return {
        move.path: move.lever.value(level)
        for move, level in zip(moves, levels, strict=True)
        if move.lever.today is None or abs(level - move.lever.today) > 1e-9 * max(1.0, abs(level))
    }


def by_volume(scenario: Scenario, name: str) -> float:
    """Share of a channel's usual leads that follows its volume: not those of lists."""
    channel = scenario.channels[name]
    weekly, lists = channel.weekly_volume, channel.lists
    return 1.0 if lists is None or weekly <= 0 else 1.0 - lists.weekly_volume / weekly


def _problem(lever: Lever, rule: str, remedy: str) -> Problem:
    return Problem((), MISSING, rule, remedy, file=f"--lever {lever.path}")
