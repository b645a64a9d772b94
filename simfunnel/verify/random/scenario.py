"""A random scenario as a whole: small, valid, and with any mixture of everything that a planner may type."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np

from simfunnel.errors import ScenarioError
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.plan.model import Plan
from simfunnel.scenario import Scenario, parse, phases_of
from simfunnel.verify.random import funnel
from simfunnel.verify.random.sketch import ByNumber, Chooser, Sketch, Typed
from simfunnel.verify.random.what_ifs import what_ifs

CHANNELS = (("web",), ("web", "chat"), ("chat", "a fair", "web"), ("web", "B2B", "chat", "événement"))
STAGES = (("call",), ("call", "close"), ("call", "a demo", "close"), ("zero", "demo", "offer", "close"))
CENTS = 1e-6
Start = Literal["period", "settled"] | date


@dataclass(frozen=True)
class RandomScenario:
    """A scenario with the what-ifs that make its plan, and the key of its luck."""

    typed: Typed
    start: Start  # of what-ifs without a date
    seed: int
    replication: int
    open_leads: tuple[tuple[float, ...], ...] = ()  # (Q, e_S, A, stage, channel), to resample the opening pipeline from

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario, validated; raises ScenarioError if it is none."""
        return parse(self.typed)

    @property
    def what_if(self) -> tuple[str, ...]:
        """The name of the what-if that builds on all others; none without what-ifs."""
        return tuple(self.typed.get("what_ifs", {}))[-1:]

    @cached_property
    def plan(self) -> Plan:
        """The plan under all its what-ifs; constants by integrals alone, no pilot replications."""
        return self.plan_under(self.what_if)

    def plan_under(self, names: Sequence[str]) -> Plan:
        """Return the plan under some of the what-ifs."""
        spec = phases_of(self.scenario, list(names), self.start)
        rows = np.array(self.open_leads, dtype=np.float64).reshape(-1, 5)
        return compile_plan(spec, dataclasses.replace(static_calibration(spec.base), open_leads=rows))


def random_scenario(number: int) -> RandomScenario:
    """Return the random scenario of a number: the first one drawn that can be simulated, nearly always the first of
    all."""
    luck = ByNumber(number)
    while not can_be(found := draw_scenario(luck)):
        pass
    return found


def can_be(found: RandomScenario) -> bool:
    """Return whether a plan can be made of it: a few ask for what no funnel does, as a win rate beyond any quality."""
    try:
        return bool(found.plan)
    except ScenarioError:
        return False


def draw_scenario(luck: Chooser) -> RandomScenario:
    """Draw a random scenario from a source of choices; whether it `can_be` is not asked yet."""
    s = draw_sketch(luck)
    typed = _typed(s)
    dates = luck.one_of((0, 1, 2, 3))
    changes = what_ifs(s, typed, dates) if dates or luck.flag(0.5) else {}
    if changes:
        typed["what_ifs"] = changes
    starts: tuple[Start, ...] = ("period", "settled", s.start)
    start = luck.one_of(starts)
    open_leads: list[tuple[float, ...]] = []  # of today's pipeline, at some stages and channels
    if s.opens and luck.flag(0.7):
        for _ in range(luck.whole(1, 12)):
            q, e, a = (round(luck.real(-2.0, 2.0) / CENTS) * CENTS for _ in range(3))
            stage, channel = luck.whole(0, len(s.stages) - 1), luck.whole(0, len(s.channels) - 1)
            open_leads.append((q, e, a, float(stage), float(channel)))
    return RandomScenario(typed, start, luck.whole(1, 10**6), luck.whole(0, 30), tuple(open_leads))


def draw_sketch(luck: Chooser) -> Sketch:
    """Return names, days and homes."""
    channels, stages = luck.one_of(CHANNELS), luck.one_of(STAGES)
    opens = luck.flag(0.2)
    start = luck.one_of(funnel.STARTS)
    return Sketch(
        luck=luck,
        tied=luck.flag(0.5),
        start=start,
        days=luck.whole(4, 28) if luck.flag(0.93) else funnel.days_of_a_month(start),
        run_in=0 if opens else luck.one_of((7, 0, 3, 14)),
        leads=luck.one_of((40, 20, 80, 160)),
        score=luck.one_of(((50.0, 20.0), (50.0, 20.0), (0.0, 1.0), (100.0, 15.0))),
        channels=channels,
        stages=stages,
        homes=funnel.homes(luck, channels, stages),
        opens=opens,
    )


def _typed(s: Sketch) -> Typed:
    """The base, section by section."""
    luck = s.luck
    nurtures = luck.flag(0.65)
    steps = [funnel.stage(s, name, nurtures=nurtures) for name in s.stages]
    by_auc = len(s.channels) == 1 and funnel.tells_leads_apart(steps)
    qualified = funnel.qualification(s, nurtures=nurtures)
    leads, wins, qualifies = s.leads / len(s.channels), funnel.wins_among(steps), "threshold" in qualified
    typed: Typed = {
        "period": funnel.period(luck, s.start, s.days, None if s.opens else s.run_in),
        # MQL rates of their own only beside a threshold, as they could contradict an overall one
        "channels": {name: funnel.channel(s, leads, wins, knows_mql_rate=qualifies) for name in s.channels},
        "qualification": qualified,
        "pools": {name: funnel.pool(s, name) for name in s.homes},
        "stages": steps,
    }
    waits = [step.get("wait") for step in steps[1:]]
    if None in waits and "none" not in waits and luck.flag(0.7):
        typed["cycle"] = funnel.CYCLE
    if luck.flag(0.6):
        typed["calendar"] = funnel.calendar(s)
    if luck.flag(0.75) or s.score != (50.0, 20.0):
        typed["score"] = funnel.score(s, by_auc=by_auc)
    if luck.flag(0.75):
        seen = typed.get("score", {}).get("accuracy", "fair")
        typed["acceptance"] = funnel.acceptance(s, seen, nurtures=nurtures, by_auc=by_auc)
    if luck.flag(0.85):
        typed["handoff"] = funnel.handoffs(s)
    if luck.flag(0.4):
        typed["speed_to_lead"] = funnel.speed(s)
    if s.homes and luck.flag(0.4):
        typed["skills"] = funnel.skills(s)
    if nurtures:
        typed["nurture"] = funnel.nurture(s)
    if s.opens:
        typed["opening_pipeline"] = funnel.opening(s)
    return typed | (_facts(s) if luck.flag(0.3) else {})


def _facts(s: Sketch) -> Typed:
    """What results are headed with and judged by: nothing that an engine may look at."""
    pool, luck = next(iter(s.homes), None), s.luck
    other: Typed = {"metric": "busy_share", "at_most": "90%", "at_least": "5%"}
    other |= {"pool": pool} if pool is not None else {}
    # the year and the promise are told by the days, so that no other choice moves
    by_weeks = {"first_day": s.start.isoformat(), "weeks": ("4-4-5", "4-5-4", "5-4-4")[s.days % 3]}
    by_channel = {"default": "95% within 1 hour", s.channels[-1]: "90% within 5 minutes"}
    promises = ("60% within 8 working hours", "80% within 90 seconds", "50% within 2 business days", by_channel)
    return {
        "title": "A random funnel",
        "fiscal_year": ("none", "apr", {"starts": "jul"}, by_weeks)[s.days % 4],
        "currency": luck.one_of(("EUR", "USD")),
        "sla": {
            "marketing": {"mqls": "5 to 500 / month", "win_share": "at least 5%"},
            "sales": {"response": promises[s.days % len(promises)], "acceptance": "at least 60%"},
            "other": [other, {"metric": "went_cold", "at_most": 90, "channel": s.channels[0]}],
        },
        "target": {"revenue": "1M", "confidence": "80%"},
        "sources": {"qualification": "a coin"},
    }
