"""What holds a plan back: each limit relaxed by itself with the same luck, what that brings, and the last dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.errors import StoppedError, path_text
from simfunnel.ledger.columns import WON
from simfunnel.metrics import Key
from simfunnel.scenario import Scenario
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.scenario.change.paths import concrete
from simfunnel.stats import estimate as mean_of
from simfunnel.stats import holm_adjust, paired_difference, share_interval
from simfunnel.study.calibrate.error import share_above, widened
from simfunnel.study.estimates import Amount
from simfunnel.study.target.moves import LEVEL, Move, TargetGoal, last_day
from simfunnel.study.target.trials import STOPPED, Changes, Trials, World
from simfunnel.study.years.calls import Call, Simulated, packed, simulate_call
from simfunnel.units import significant

MORE_LEADS = 1.5  # times the plan's: a supply of leads without end would only drown the teams
MANY = 10
DETECTED = 0.05

PERIODS = 12
FEW = 0.1
DAY_H = 24.0
FEWEST_WINS = 30


@dataclass(frozen=True)
class Chance:
    """A share of simulated periods with its two-sided 95% interval."""

    share: float
    low: float
    high: float
    periods: int


@dataclass(frozen=True)
class Limit:
    """A limit, and the goal's metric with it relaxed and all else kept.

    `kind`: pool, leads, handoff, patience, bar, start (had the plan begun a run-in earlier), date (the period's end
    instead of the day asked for) or several; `name`: of the pool or channel, or
    kinds and names of several. `gain`: of the
    mean, with the half-width of its 95% interval, and whether it is detectable (Holm over all limits looked at).
    `reaches`: "yes" when the chance asked for is shown, "no" when it is shown to be missed, else "perhaps".
    """

    kind: str
    name: str
    mean: float
    half_width: float
    gain: float
    gain_half_width: float
    detected: bool
    chance: Chance
    reaches: str


@dataclass(frozen=True)
class Relaxed:
    """How a limit is relaxed: settings beside those of the plan, and another way to look at it."""

    kind: str
    name: str
    settings: Mapping[str, Any]
    world: World


def chance_of(trials: Trials, goal: TargetGoal, values: Floats) -> Chance:
    """Return the chance that periods show, averaged over what the calibration leaves in each of them."""
    n = len(values)
    reached = float(share_above(values, goal.wanted, trials.calibrated(goal.key, values)).sum())
    low, high = share_interval(reached, n, LEVEL)
    return Chance(reached / n if n else float("nan"), low, high, n)


def relaxations(trials: Trials, moves: Sequence[Move], levels: Sequence[float]) -> Iterator[Relaxed]:
    """Yield every limit of a plan that can be relaxed; one that the scenario does not have is left out."""
    scenario = trials.scenario
    world = trials.now
    for name, pool in scenario.pools.items():
        if pool.reps != "unlimited":
            changes: dict[str, Any] = {path_text(("pools", name, "reps")): "unlimited"}
            if isinstance(pool.reps, int) and not trials.fits(changes, world):  # each deal needs an owner
                changes = dict.fromkeys(changes, MANY * max(1, pool.reps))
            yield Relaxed("pool", name, changes, world)
    yield from _more_leads(scenario, moves, levels, world)
    ways = [name for name, way in scenario.handoff.items() if not way.instant or way.leak]
    if ways:
        fields = {"instant": True, "leak": "0%"}
        settings = {path_text(("handoff", name, key)): to for name in ways for key, to in fields.items()}
        yield Relaxed("handoff", "", settings, world)
    waiting = [name for name, channel in scenario.channels.items() if not channel.patience.never]
    if waiting:
        yield Relaxed("patience", "", {path_text(("channels", n, "patience")): "none" for n in waiting}, world)
    if not any(str(target[0]) == "qualification" for move in moves for target in move.lever.targets):
        yield Relaxed("bar", "", {"qualification.mql_rate": "100%"}, world)
    if trials.start != "settled" and scenario.run_in_days > 0:
        yield Relaxed("start", "", {}, replace(world, start="settled"))
    if trials.by is not None and trials.by < last_day(scenario):
        yield Relaxed("date", "", {}, replace(world, whole=True))


def _more_leads(scenario: Scenario, moves: Sequence[Move], levels: Sequence[float], world: World) -> Iterator[Relaxed]:
    """More leads of each channel that is a lever of its own, and of all channels together."""
    times = dict.fromkeys(scenario.channels, 1.0)
    for move, level in zip(moves, levels, strict=True):
        for name in move.channels:
            times[name] = move.times(level)
    typed = [name for name, each in scenario.channels.items() if each.leads is not None or each.visits is not None]
    settings = {
        path_text(("channels", name, "volume")): f"{significant(MORE_LEADS * times[name], 9)} times" for name in typed
    }
    alone = [name for move in moves if len(move.channels) == 1 for name in move.channels]
    if len(typed) > 1:
        for name in alone:
            path = path_text(("channels", name, "volume"))
            yield Relaxed("leads", name, {path: settings[path]}, world)
    if typed:
        yield Relaxed("leads", "", settings, world)


def limits(
    trials: Trials, goal: TargetGoal, at: Mapping[str, Any], ways: Sequence[Relaxed], n: int, most: int = 0
) -> tuple[Limit, ...]:
    """Find what relaxing each of `ways` brings to the plan `at`, over n replications, the largest gain first.

    Where so few leave open whether a target is reached that they reach often enough, `most` replications tell.
    """
    base = trials.values(at, goal.key, n)
    relaxed = [(way, merged(trials.scenario, at, way.settings)) for way in ways]
    relaxed = [(way, changes) for way, changes in relaxed if trials.fits(changes, way.world)]
    if not relaxed:
        return ()
    tables = [_relaxed_values(trials, goal, at, changes, way, n) for way, changes in relaxed]
    pairs = [paired_difference(base, values) for values in tables]
    adjusted = holm_adjust(np.array([pair.p_value for pair in pairs]))
    found = []
    for (way, changes), values, pair, p in zip(relaxed, tables, pairs, adjusted, strict=True):
        mean, (chance, reaches) = level_of(trials, goal, values), _reached(trials, goal, values)
        if reaches == "perhaps" and chance.share >= goal.chance and most > n:
            chance, reaches = _reached(trials, goal, _relaxed_values(trials, goal, at, changes, way, most))
        gain, width, detected = float(pair.mean), float(pair.half_width), float(p) < DETECTED
        found.append(Limit(way.kind, way.name, *mean, gain, width, detected, chance, reaches))
    return tuple(sorted(found, key=lambda each: -each.gain))


def _relaxed_values(trials: Trials, goal: TargetGoal, at: Changes, changes: Changes, way: Relaxed, n: int) -> Floats:
    """Values of the goal's metric; profit gets back the wages of reps without limit, who are not there to be paid."""
    values = trials.values(changes, goal.key, n, way.world)
    if goal.metric != "profit" or not any(path.startswith("pools.") for path in way.settings):
        return values
    cost = Key("rep_cost")
    return values + (trials.values(changes, cost, n, way.world) - trials.values(at, cost, n))


def level_of(trials: Trials, goal: TargetGoal, values: Floats) -> Amount:
    """Return the mean of the goal's metric, with what the calibration leaves in its half-width."""
    found = mean_of(values)
    error = trials.calibrated(goal.key, found.mean)
    return Amount(float(found.mean), float(widened(found.half_width, error)))


def _reached(trials: Trials, goal: TargetGoal, values: Floats) -> tuple[Chance, str]:
    """The chance that values show, and whether it is the one asked for: yes, no or perhaps."""
    bounds = goal.ranked().bounds(values, LEVEL)
    reaches = "yes" if bounds.low >= goal.wanted else "perhaps" if bounds.high >= goal.wanted else "no"
    return chance_of(trials, goal, values), reaches


def together(ways: Sequence[Relaxed], kinds: Sequence[str]) -> Relaxed | None:
    """Relax several limits at once; None when there are not two of them."""
    some = [way for way in ways if way.kind in kinds and way.kind != "date"]
    settings: dict[str, Any] = {}
    for way in some:
        settings |= way.settings
    if len(some) < 2:
        return None
    start = next((way.world.start for way in some if way.kind == "start"), some[0].world.start)
    names = ", ".join(
        dict.fromkeys(f"{way.kind} {way.name}".strip() for way in some if way.kind != "leads" or not way.name)
    )
    return Relaxed("several", names, settings, replace(some[0].world, start=start))


def merged(scenario: Scenario, changes: Changes, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Put settings over changes: what both set is left to the settings, also where paths are wildcards."""

    def spread(paths: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for path, value in paths.items():
            for target in concrete(scenario.raw, parse_path(path)):
                found[path_text(target)] = value
        return found

    over, under = spread(settings), spread(changes)
    blocks = tuple(_block(path) for path in over)
    kept = {path: value for path, value in under.items() if path not in over and _block(path) not in blocks}
    return {**kept, **over}


def _block(path: str) -> str:
    """What can be said in one way only: a hand-off's way, a channel's volume, the bar for an MQL."""
    head, _, last = path.rpartition(".")
    one_way = {"instant": "way", "delay": "way", "batch": "way", "leads": "volume", "visits": "volume"}
    if path.startswith("qualification."):
        return "qualification"
    return f"{head}.{one_way.get(last, last)}"


@dataclass(frozen=True)
class LastDates:
    """Until when something begun still counts by the last day, judged by the wins of the plan in simulated periods.

    `what`: lead or hire; `name`: of the team that hires. `days`: median days from then to the win; `half`: the last day
    from which half of what is begun and won is won in time; `few`: from the day after, less than one in ten.
    `ramp_days`: until a new rep is fully productive, of a hire; its dates are of joining, so that the ramp is over by
    the day that counts.
    """

    what: str
    name: str
    days: float
    ramp_days: float
    half: date
    few: date


@dataclass(frozen=True)
class Lags:
    """Hours to the win of every deal won in the period: from the lead's creation, and from each pool's first task."""

    of_leads: Floats
    of_pools: tuple[Floats, ...]


def lags(years: Simulated) -> Lags:
    """Find the lags of a single year."""
    ((plan, ledger),) = years
    leads, tasks = ledger.leads, ledger.tasks
    won = (leads["outcome"] == WON) & (leads["closed_at"] >= 0.0)
    closed = np.where(won, leads["closed_at"], np.nan)
    found = []
    for pool in range(len(plan.pools)):
        first = np.full(len(closed), np.inf)
        mine = (tasks["pool"] == pool) & ~np.isnan(tasks["started"])
        np.minimum.at(first, tasks["lead"][mine], tasks["started"][mine])
        lag = closed - first
        found.append(lag[np.isfinite(lag)])
    return Lags((closed - leads["created"])[won], tuple(found))


def last_dates(trials: Trials, changes: Mapping[str, Any], last: date) -> tuple[LastDates, ...]:
    """Find the last dates for a lead, and for a hire in each team; nothing where too few deals are won to tell.

    Deals won in the period, whenever their leads were made: in a steady flow their lags are those of the leads that
    will win, the slow ones included.
    """
    plan, work = trials.plan(changes), trials.work
    parcel = packed([plan])
    calls = [Call(parcel, ((0, number),), trials.seed, work.engine, lags) for number in range(PERIODS)]
    answers = work.run(simulate_call, calls)
    if len(answers) < PERIODS:
        raise StoppedError(STOPPED)
    trials.meter.done += PERIODS
    found = [_dates("lead", "", [each.of_leads for each in answers], 0.0, last)]
    for at, name in enumerate(plan.pools):
        if trials.scenario.pools[name].reps != "unlimited":
            hours = [each.of_pools[at] for each in answers]
            found.append(_dates("hire", name, hours, ramp_days(trials.scenario, name), last))
    return tuple(each for each in found if each is not None)


def ramp_days(scenario: Scenario, pool: str) -> float:
    """Return the longest ramp of a team's typed hires; 0 when none is typed."""
    ramps = [hire.ramp.hours() / DAY_H for hire in scenario.pools[pool].hires if hire.ramp is not None]
    return max(ramps, default=0.0)


def _dates(what: str, name: str, lags_h: Sequence[Floats], ramp: float, last: date) -> LastDates | None:
    hours = np.concatenate(list(lags_h))
    if hours.size < FEWEST_WINS:
        return None
    median, fast = (float(np.quantile(hours, p)) / DAY_H for p in (0.5, FEW))
    half, few = (last - timedelta(days=round(days + ramp)) for days in (median, fast))
    return LastDates(what, name, median, ramp, half, few)
