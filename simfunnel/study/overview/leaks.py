"""What is lost on the way, each with the changes that would repair it, who owns it and which lever moves it.

A repair is a what-if on today's base, made of levers only: nothing is calibrated anew, so that no leak counts twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from simfunnel.errors import path_text
from simfunnel.plan import Calibration
from simfunnel.scenario import Scenario
from simfunnel.scenario.fields.pools import Pool
from simfunnel.scenario.fields.stages import Handoff
from simfunnel.scenario.model import mean_hours
from simfunnel.units import share_text

PERFECT = 1.0 - 1e-9
MANY = 20  # times today's heads: nobody waits for a rep, and no rep has more than a few open deals

Changes = Mapping[str, Any]


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
    leaked, slow = _of_handoffs(scenario)
    found = (*_of_selection(scenario, calibration), leaked, slow)
    found = (*found, *_of_answering(scenario, slow.lever), *_of_follow_up(scenario))
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
    yield Leak("near_misses", ("qualification.threshold",), _near_misses_followed(scenario, calibration))
    rejects = acceptance is not None and acceptance.rate < 1.0
    judges = acceptance is not None and 0.0 < acceptance.rate < 1.0 and calibration.r_assessment < PERFECT
    shared = ("acceptance.rate", "acceptance.agreement")
    yield Leak("rejected", shared, {"acceptance.rate": share_text(1.0)} if rejects else {})
    better = {"acceptance.accuracy": "perfect", **free} if judges else {}
    yield Leak("judgement", ("acceptance.accuracy",), better)


def _near_misses_followed(scenario: Scenario, calibration: Calibration) -> Changes:
    """Near misses are handed over like MQLs: the threshold goes down by their band."""
    band = scenario.qualification.near_miss
    lower = {
        name: round(threshold - band, 6)
        for name, threshold in zip(calibration.channels, calibration.thresholds, strict=True)
        if isfinite(threshold)
    }
    if band <= 0.0 or len(lower) < len(calibration.channels):
        return {}
    thresholds = set(lower.values())
    return {"qualification.threshold": lower if len(thresholds) > 1 else thresholds.pop(), "qualification.near_miss": 0}


def _of_handoffs(scenario: Scenario) -> tuple[Leak, Leak]:
    """What hand-offs lose, and how long they take."""
    ways: dict[tuple[str, ...], Handoff] = {("handoff", name): way for name, way in scenario.handoff.items()}
    ways |= {("stages", stage.name, "handoff"): stage.handoff for stage in scenario.stages if stage.handoff is not None}
    leaking = [path_text((*at, "leak")) for at, way in ways.items() if way.leak]
    slow = {at: way for at, way in ways.items() if way.batch is not None or mean_hours(way.delay) > 0.0}
    levers = tuple(path_text((*at, "delay" if way.batch is None else "batch")) for at, way in slow.items())
    return (
        Leak("leaked", tuple(leaking), dict.fromkeys(leaking, share_text(0.0))),
        Leak("handoff", levers, {path_text((*at, "instant")): True for at in slow}),
    )


def _of_answering(scenario: Scenario, sooner: tuple[str, ...]) -> Iterator[Leak]:
    """Full queues, too few reps (all teams at once, then each of several by itself), and patience that ends."""
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


def _of_follow_up(scenario: Scenario) -> Iterator[Leak]:
    """Appointments that are missed, and leads that are dropped or opt out."""
    missed = [path_text(("stages", stage.name, "no_show")) for stage in scenario.stages if stage.no_show > 0.0]
    yield Leak("no_show", tuple(missed), dict.fromkeys(missed, share_text(0.0)))
    nurture, acceptance = scenario.nurture, scenario.acceptance
    rejects = acceptance is not None and acceptance.rate < 1.0 and acceptance.rejected_to == "lost"
    to, out = "acceptance.rejected_to", "nurture.opt_out"
    yield Leak("not_nurtured", (to,), {to: "nurture"} if nurture is not None and rejects else {})
    leaves = nurture is not None and nurture.opt_out > 0.0
    yield Leak("opted_out", (out,), {out: share_text(0.0)} if leaves else {})
