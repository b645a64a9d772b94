"""What `run` shows beside its figures: leaks and their value, one more of each thing, and the inputs known least.

A leak is lost on the way; each is told with the changes that would repair it, who owns it and which lever moves it. A
repair is a what-if on today's base, made of levers only: nothing is calibrated anew, so that no leak counts twice. Its
value is today beside today repaired, the same leads with the same luck. Inputs that are assumed or typed as ranges are
ranked by their effect on revenue in a few years at each end, more for the leaders; what is found is kept in a small
file, since the same scenario is run again and again.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from simfunnel.distributions import quantile_of
from simfunnel.errors import ScenarioError, path_text
from simfunnel.jit import PACKAGE
from simfunnel.metrics import TABLE, Key, Wanted
from simfunnel.plan import Calibration
from simfunnel.plan.calendars import business_day
from simfunnel.scenario import HIGH, LOW, PlanSpec, Scenario, inputs_of, phases_with
from simfunnel.scenario.change.levers import ramp_note
from simfunnel.scenario.fields.pools import Pool
from simfunnel.scenario.fields.stages import Handoff
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import mean_hours
from simfunnel.scenario.tell.as_typed import scaled_form
from simfunnel.stats import Difference as Paired
from simfunnel.stats import holm_adjust, paired_difference, verdict
from simfunnel.study.calibrate.calibrate import default_cache_dir, keep, kept
from simfunnel.study.estimates import NOT_MEASURED, WHOLE, Amount, Difference
from simfunnel.study.sensitivity.input_effects import (
    BothEnds,
    End,
    InputEffect,
    LeastKnown,
    around,
    both_ends,
    input_effects,
)
from simfunnel.study.years.plans import Prepared, Start, prepare_specs
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.table import Years, levels
from simfunnel.study.years.work import Work
from simfunnel.units import share_text, significant

REVENUE = "revenue"
PERFECT = 1.0 - 1e-9
MANY = 20  # times today's heads: nobody waits for a rep, and no rep has more than a few open deals
LEADS, HOURS = 100, 1.0  # one more of them
WEEKS_A_YEAR = 365.0 / 7.0
MOST_YEARS = {"leaks": 20, "one more": 100, "inputs": 16}  # of a run's: its main answer must not wait for them
FIRST_YEARS, AHEAD = 5, 3  # after these years so many inputs go on
UNSURE = ("assumed", "range")

Changes = Mapping[str, Any]
Subset = frozenset[int]
"""Numbers of the leaks that are repaired, or of the changes that are made, from 0."""

TODAY: Subset = frozenset()


@dataclass(frozen=True)
class Today:
    """How many years of today there are, with which luck, and their samples where these serve (no input was drawn)."""

    scenario: Scenario
    years: int
    seed: int
    start: Start
    work: Work
    samples: Samples | None = None


def differences_to_today(metric: str, names: Sequence[str], pairs: Sequence[Paired]) -> list[Difference]:
    """Name the differences of a whole metric, verdicts adjusted for their number (Holm)."""
    adjusted = holm_adjust(np.array([pair.p_value for pair in pairs])) if pairs else ()
    unit, better = TABLE[metric].unit, TABLE[metric].better
    return [
        Difference(
            metric,
            unit,
            name,
            WHOLE,
            float(pair.mean),
            float(pair.half_width),
            float(pair.share_higher),
            verdict(float(pair.mean), float(p_value), better),
        )
        for name, pair, p_value in zip(names, pairs, adjusted, strict=True)
    ]


@dataclass(frozen=True)
class Leak:
    """One way in which revenue is lost, and what would repair it.

    `name` is one of `KINDS`; `of`: the team, of a leak that is also told for each team by itself. `lever`: paths that
    move the leak in practice, while `changes`, which a what-if would type, remove it altogether; they are empty where
    the leak does not exist.
    """

    name: str
    lever: tuple[str, ...]
    changes: Changes
    of: str = ""

    @property
    def group(self) -> str:
        """The part of the bridge that it belongs to, one of `GROUPS`."""
        return KINDS[self.name].group

    @property
    def owner(self) -> str:
        """Who can repair it: marketing, sales or both."""
        return KINDS[self.name].owner

    @property
    def counted(self) -> str:
        """The metric that counts the leads it takes; empty where none does."""
        return KINDS[self.name].counted

    @property
    def exists(self) -> bool:
        """Whether the scenario has this leak at all."""
        return bool(self.changes)


@dataclass(frozen=True)
class Kind:
    """What all leaks of a name have in common."""

    group: str
    owner: str
    counted: str = ""


GROUPS = ("selection", "handoff", "answering", "follow_up")
# in the order of a lead's life
KINDS: Mapping[str, Kind] = {
    "score": Kind("selection", "marketing"),
    "near_misses": Kind("selection", "marketing", "near_misses"),
    "leaked": Kind("handoff", "both", "leaked"),
    "handoff": Kind("handoff", "both"),
    "balked": Kind("answering", "sales", "balked"),
    "reps": Kind("answering", "sales"),
    "went_cold": Kind("answering", "both", "went_cold"),
    "rejected": Kind("selection", "both", "rejected"),
    "judgement": Kind("selection", "sales"),
    "no_show": Kind("follow_up", "sales"),
    "not_nurtured": Kind("follow_up", "marketing"),
    "opted_out": Kind("follow_up", "marketing", "opted_out"),
}


def leaks_of(scenario: Scenario, calibration: Calibration) -> tuple[Leak, ...]:
    """List every leak that there may be, in the order of `KINDS`; `calibration`: of the scenario as the base."""
    found = [*_of_selection(scenario, calibration), *_of_handoffs(scenario)]
    missed = [path_text(("stages", stage.name, "no_show")) for stage in scenario.stages if stage.no_show > 0.0]
    found.append(Leak("no_show", tuple(missed), dict.fromkeys(missed, share_text(0.0))))
    nurture, acceptance = scenario.nurture, scenario.acceptance
    rejects = acceptance is not None and acceptance.rate < 1.0 and acceptance.rejected_to == "lost"
    to, out = "acceptance.rejected_to", "nurture.opt_out"
    found.append(Leak("not_nurtured", (to,), {to: "nurture"} if nurture is not None and rejects else {}))
    leaves = nurture is not None and nurture.opt_out > 0.0
    found.append(Leak("opted_out", (out,), {out: share_text(0.0)} if leaves else {}))
    order = list(KINDS)
    return tuple(sorted(found, key=lambda leak: order.index(leak.name)))


def together(leaks: Sequence[Leak]) -> dict[str, Any]:
    """Merge the changes that repair several leaks."""
    return {path: value for leak in leaks for path, value in leak.changes.items()}


# --- in the order of a lead's way ------------------------------------------------------------------------------------


def _of_selection(scenario: Scenario, calibration: Calibration) -> Iterator[Leak]:
    """Who is passed on, and who is accepted."""
    acceptance = scenario.acceptance
    free: dict[str, Any] = {}  # where an agreement is typed, it cannot stay when one of the two judges sees everything
    if acceptance is not None and acceptance.agreement is not None:
        free = {"acceptance.agreement": None}
    blurred = calibration.r_score < PERFECT
    yield Leak("score", ("score.accuracy",), {"score.accuracy": "perfect", **free} if blurred else {})
    # near misses are handed over like MQLs: the threshold goes down by their band
    band = scenario.qualification.near_miss
    pairs = zip(calibration.channels, calibration.thresholds, strict=True)
    lower = {name: round(threshold - band, 6) for name, threshold in pairs if isfinite(threshold)}
    followed: Changes = {}
    if band > 0.0 and len(lower) == len(calibration.channels):
        threshold = lower if len(set(lower.values())) > 1 else next(iter(lower.values()))
        followed = {"qualification.threshold": threshold, "qualification.near_miss": 0}
    yield Leak("near_misses", ("qualification.threshold",), followed)
    rejects = acceptance is not None and acceptance.rate < 1.0
    judges = acceptance is not None and 0.0 < acceptance.rate < 1.0 and calibration.r_assessment < PERFECT
    shared = ("acceptance.rate", "acceptance.agreement")
    yield Leak("rejected", shared, {"acceptance.rate": share_text(1.0)} if rejects else {})
    better = {"acceptance.accuracy": "perfect", **free} if judges else {}
    yield Leak("judgement", ("acceptance.accuracy",), better)


def _of_handoffs(scenario: Scenario) -> Iterator[Leak]:
    """What hand-offs lose and how long they take, full queues, too few reps, and patience that ends before an answer.

    Reps of all teams at once, then of each of several by itself.
    """
    ways: dict[tuple[str, ...], Handoff] = {("handoff", name): way for name, way in scenario.handoff.items()}
    ways |= {("stages", stage.name, "handoff"): stage.handoff for stage in scenario.stages if stage.handoff is not None}
    leaking = [path_text((*at, "leak")) for at, way in ways.items() if way.leak]
    yield Leak("leaked", tuple(leaking), dict.fromkeys(leaking, share_text(0.0)))
    slow = {at: way for at, way in ways.items() if way.batch is not None or mean_hours(way.delay) > 0.0}
    sooner = tuple(path_text((*at, "delay" if way.batch is None else "batch")) for at, way in slow.items())
    yield Leak("handoff", sooner, {path_text((*at, "instant")): True for at in slow})
    full = [path_text(("pools", name, "queue_limit")) for name, pool in scenario.pools.items() if pool.queue_limit]
    yield Leak("balked", tuple(full), dict.fromkeys(full, "none"))
    limited = {name: pool for name, pool in scenario.pools.items() if pool.reps != "unlimited" and pool.stages}
    alone = [
        Leak("reps", (path_text(("pools", name, "reps")),), _never_short(name, pool), name)
        for name, pool in limited.items()
    ]
    yield Leak("reps", tuple(path for leak in alone for path in leak.lever), together(alone))
    if len(alone) > 1:
        yield from alone
    first = scenario.stage_names[0]
    callers = [path_text(("pools", name, "reps")) for name, pool in scenario.pools.items() if first in pool.stages]
    waiting = [name for name, channel in scenario.channels.items() if not channel.patience.never]
    patient = {path_text(("channels", name, "patience")): "none" for name in waiting}
    if scenario.nurture is not None and not scenario.nurture.patience.never:
        patient["nurture.patience"] = "none"
    yield Leak("went_cold", (*callers, *sooner), patient if callers else {})


def _never_short(name: str, pool: Pool) -> Changes:
    """Unlimited reps; where that has no meaning (teams, owners of deals, dated hires), so many that nobody waits."""
    path = ("pools", name)
    owned = pool.ownership == "rep" or pool.routing != "shared queue" or pool.structure != "pooled"
    if not owned and not pool.hires and pool.load is None:
        return {path_text((*path, "reps")): "unlimited"}
    heads = pool.reps if isinstance(pool.reps, int) else 0
    most = heads + sum(max(hire.reps, 0) for hire in pool.hires)
    if pool.teams is None or pool.structure == "pooled":
        return {path_text((*path, "reps")): MANY * max(most, 1)}
    times = MANY * max(1, -(-most // max(heads, 1)))
    teams = {path_text((*path, "teams", channel)): times * count for channel, count in pool.teams.items()}
    return {path_text((*path, "reps")): times * heads, **teams}


@dataclass(frozen=True)
class LeakValue:
    """A leak, how many leads it takes, and what its repair alone brings to revenue in the period.

    `counted`: leads a replication, nan where none are counted. A leak that does not exist brings exactly 0 +/- 0.
    Verdicts are adjusted for the number of leaks (Holm). `years`: replications behind it.
    """

    leak: Leak
    counted: Amount
    revenue: Difference
    years: int

    def record(self) -> dict[str, Any]:
        """Return the JSON object, amounts of the period."""
        leak, found = self.leak, self.revenue
        return {
            "leak": leak.name,
            **{name: getattr(leak, name) for name in ("of", "group", "owner")},
            "lever": list(leak.lever),
            "exists": leak.exists,
            "repair": dict(leak.changes),
            "replications": self.years,
            "leads": self.counted._asdict(),
            "revenue": {name: getattr(found, name) for name in ("mean", "half_width", "share_better", "verdict")},
        }


def leak_values(today: Today, calibration: Calibration, counts: Mapping[str, Amount]) -> tuple[LeakValue, ...]:
    """Value the leaks that leads are counted in, over the same years (at most 20) with the same luck.

    `counts`: by metric; a leak that has no count here, or 0, is left out, and so are all when the work is stopped.
    """
    count, every = min(today.years, MOST_YEARS["leaks"]), leaks_of(today.scenario, calibration)
    leaks = [leak for leak in every if leak.exists and counts.get(leak.counted, NOT_MEASURED)[0] > 0]
    if count < 2 or not leaks:
        return ()
    alone = [frozenset((at,)) for at in range(len(leaks))]
    years = repaired_years(today.scenario, leaks, alone, today.start, today.seed, ((REVENUE, ""),), today.work)
    wanted = alone if today.samples is not None else [*alone, TODAY]
    if not years.fill((subset, number) for number in range(count) for subset in wanted):
        return ()
    return ranked(leaks, today.samples or years.of(TODAY), [years.of(subset, count) for subset in alone], counts)


def repaired_years(
    scenario: Scenario,
    leaks: Sequence[Leak],
    subsets: Iterable[Subset],
    start: Start,
    seed: int,
    wanted: Wanted,
    work: Work,
) -> Years[Subset]:
    """Compile today and today with some subsets of the leaks repaired; nothing is simulated yet."""
    spec_of, subsets = repairs(scenario, leaks, start), [TODAY, *subsets]
    prepared = prepare_specs(scenario, [spec_of(subset) for subset in subsets], work, check_load=False)
    return Years(dict(zip(subsets, prepared.plans, strict=True)), seed, wanted, work)


def repairs(scenario: Scenario, leaks: Sequence[Leak], start: Start) -> Callable[[Subset], PlanSpec]:
    """Return a function from numbers of leaks to the plan in which they are repaired."""

    def made(subset: Subset) -> PlanSpec:
        chosen = [leaks[at] for at in sorted(subset)]
        spec = phases_with(scenario, together(chosen), start)
        return replace(spec, name="without " + " + ".join(map(_name, chosen))) if chosen else spec

    return made


def ranked(
    leaks: Sequence[Leak], today: Samples, repaired: Sequence[Samples | None], counts: Mapping[str, Amount]
) -> tuple[LeakValue, ...]:
    """Rank the leaks by falling revenue; `repaired` None: of a leak that does not exist, which comes last with 0.

    `today` may have more replications than `repaired`, the same ones first.
    """
    years = min([samples.replications for samples in repaired if samples is not None] or [today.replications])
    base = today.values(Key(REVENUE))[:years]
    known = [(leak, each) for leak, each in zip(leaks, repaired, strict=True) if each is not None]
    pairs = [paired_difference(base, each.values(Key(REVENUE))[:years]) for _, each in known]
    found = iter(differences_to_today(REVENUE, [f"without {_name(leak)}" for leak, _ in known], pairs))
    values = []
    for leak, each in zip(leaks, repaired, strict=True):
        nothing = (f"without {_name(leak)}", WHOLE, 0.0, 0.0, 0.5, "no detectable difference")
        revenue = Difference(REVENUE, TABLE[REVENUE].unit, *nothing) if each is None else next(found)
        values.append(LeakValue(leak, counts.get(leak.counted, NOT_MEASURED), revenue, years))
    return tuple(sorted(values, key=lambda each: (not each.leak.exists, -each.revenue.mean)))


def _name(leak: Leak) -> str:
    return f"{leak.name} {leak.of}".strip()


@dataclass(frozen=True)
class Marginal:
    """A small step of one lever from the period's start, and its differences to today.

    `what` is the path of a pool's reps, "leads" or "handoff"; `changes` are what a what-if would type. Verdicts are
    adjusted for the number of steps (Holm).
    """

    what: str
    changes: Mapping[str, Any]
    years: int
    revenue: Difference
    profit: Difference
    note: str = ""  # what must be said beside the figures

    def record(self) -> dict[str, Any]:
        """Return the JSON object."""
        found: dict[str, Any] = {"what": self.what, "changes": dict(self.changes), "replications": self.years}
        if self.note:
            found["note"] = self.note
        for each in (self.revenue, self.profit):
            found[each.metric] = {"mean": each.mean, "half_width": each.half_width, "verdict": each.verdict}
        return found


def marginal(today: Today) -> tuple[Marginal, ...]:
    """Simulate each step beside today, over the same years (at most 100) with the same luck, ranges at their middles.

    A step that the scenario does not allow (heads of a team shared out by hand) is left out; all are when the work is
    stopped.
    """
    scenario, count = today.scenario, min(today.years, MOST_YEARS["one more"])
    named = {what: changes for what, changes in steps(scenario) if _fits(today, changes)}
    if count < 2 or not named:
        return ()
    try:
        years = _years(today, named)
    except ScenarioError:  # of the plan: heads that cannot be shared out
        named = {what: changes for what, changes in named.items() if _fits(today, changes, compiled=True)}
        years = _years(today, named)
    first, *others = years.names
    if not others or not years.extend(count, others if today.samples is not None else None):
        return ()
    base, beside = today.samples or years.of(first), [years.of(name, count) for name in others]
    revenue, profit = (
        differences_to_today(
            metric,
            list(named),
            [paired_difference(base.values(Key(metric))[:count], each.values(Key(metric))) for each in beside],
        )
        for metric in (REVENUE, "profit")
    )
    notes = {path_text(("pools", name, "reps")): ramp_note(pool) for name, pool in scenario.pools.items()}
    return tuple(
        Marginal(what, changes, count, of_revenue, of_profit, notes.get(what, ""))
        for (what, changes), of_revenue, of_profit in zip(named.items(), revenue, profit, strict=True)
    )


def steps(scenario: Scenario) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what there may be one more of, and the changes that it takes."""
    for name, pool in scenario.pools.items():
        if pool.reps != "unlimited":
            path = path_text(("pools", name, "reps"))
            yield path, {path: "1 more"}
    open_days = float(scenario.calendar.weekly.open_days)
    typed = {n: c for n, c in scenario.channels.items() if c.leads is not None or c.visits is not None}
    batches = sum(channel.lists.weekly_volume for channel in typed.values() if channel.lists is not None)
    yearly = (sum(channel.weekly(open_days) for channel in typed.values()) - batches) * WEEKS_A_YEAR
    if yearly > 0:
        more = f"{significant(100.0 * LEADS / yearly, 6)}% more"
        yield "leads", {path_text(("channels", name, "volume")): more for name in typed}
    day = business_day(scenario.calendar)
    found = {path_text(("handoff", name, "delay")): sooner(way.delay, day) for name, way in scenario.handoff.items()}
    if faster := {path: delay for path, delay in found.items() if delay is not None}:
        yield "handoff", faster


def sooner(delay: DurationDist | None, working_day: float) -> Any:
    """Shorten the delay in proportion until its median is an hour less; None where nothing can be shortened."""
    if delay is None or delay.never or delay.choices is not None:
        return None
    median = quantile_of(delay.compile(working_day), 0.5)
    if median <= 0:
        return None
    rest = max(0.0, 1.0 - HOURS / median)
    return scaled_form(delay, rest) if rest > 0 else "0 hours"


def _years(today: Today, named: Mapping[str, Mapping[str, Any]]) -> Years[str]:
    changes = [{}, *named.values()]
    wanted = (REVENUE, ""), ("profit", "")
    return levels(today.scenario, changes, wanted=wanted, seed=today.seed, start=today.start, work=today.work)


def _fits(today: Today, changes: Mapping[str, Any], compiled: bool = False) -> bool:
    """Whether some changes can be made; `compiled`: in the plan too."""
    try:
        phases_with(today.scenario, changes, today.start)
        if compiled:
            _years(today, {"": changes})
    except ScenarioError:
        return False
    return True


def least_known(today: Today, prepared: Prepared) -> LeastKnown | None:
    """Move each unsure input to both ends, in at most 16 of today's years, as `sensitivity` does.

    After 5 years at most three go on: those that may yet be the first. None without such inputs, with fewer than 2
    years, or after a stop.
    """
    every = inputs_of(today.scenario, costs=False, agreement=prepared.calibration.agreement)
    unsure = [each for each in every if each.origin in UNSURE]
    if not unsure or today.years < 2:
        return None
    years = min(today.years, MOST_YEARS["inputs"])
    values = [[each.path, each.origin, each.values(LOW), each.values(HIGH)] for each in unsure]
    key = json.dumps([sources(), prepared.plans[0].sha256, values, years, today.seed], default=str)
    folder = default_cache_dir()
    path = None
    if folder is not None:
        path = folder.parent / "inputs" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
        if (found := read(path)) is not None:
            return found
    here = around(today.scenario, (), today.start, prepared, today.work)
    ends = both_ends(here, prepared, unsure, [REVENUE], today.seed, today.work, among=len(unsure), rounds=1)
    found = moving_most(ends, years)
    if path is not None and found is not None:
        keep(path, json.dumps(asdict(found)))
    return found


def moving_most(ends: BothEnds, years: int) -> LeastKnown | None:
    """Simulate the ends of inputs, those of the leaders longer; None after a stop, or when no input can be moved."""
    if not ends.years.extend(min(years, FIRST_YEARS)) or not ends.inputs:
        return None
    leaders = _ahead(ends)
    if not leaders.years.extend(years, leaders.names):
        return None
    leading = {each.path for each in _ahead(leaders).inputs}
    most = tuple(each for each in input_effects(leaders, REVENUE) if each.detected and each.path in leading)
    return LeastKnown(leaders.among, years, most)


def _ahead(ends: BothEnds) -> BothEnds:
    """At most three inputs, whose effect may be as large as that of the first."""
    effects = sorted(input_effects(ends, REVENUE), key=lambda each: -abs(each.stronger.mean))
    least = max(_reached(each, -1) for each in effects)
    paths = [each.path for each in effects if _reached(each, 1) >= least][:AHEAD]
    return ends.only(each for each in ends.inputs if each.path in paths)


def _reached(effect: InputEffect, side: int) -> float:
    """The larger effect of the two ends, at the lower or the upper end of its interval."""
    sizes = [abs(end.mean) + side * end.half_width for end in (effect.low, effect.high)]
    return max((size for size in sizes if math.isfinite(size)), default=math.inf * side)


@cache
def sources(package: Path = PACKAGE) -> str:
    """Return 16 hex digits that change with any source of simfunnel."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(package.rglob("*.py")):
        digest.update(f"{file.relative_to(package).as_posix()} ".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read(path: Path) -> LeastKnown | None:
    """Read what a file holds; None when there is none or it cannot be used."""
    try:
        text = kept(path)
        if text is None:
            return None
        raw = json.loads(text)
        bars = [InputEffect(**each) for each in raw["most"]]
        ends = [(End(**each["low"]), End(**each["high"])) for each in raw["most"]]
        most = tuple(replace(bar, low=low, high=high) for bar, (low, high) in zip(bars, ends, strict=True))
        return LeastKnown(int(raw["moved"]), int(raw["years"]), most)
    except (ValueError, TypeError, KeyError):
        return None
