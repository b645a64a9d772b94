"""Random stages: work, waits, no-shows and exits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from simfunnel.verify.funnels.handoff import handoff
from simfunnel.verify.funnels.sketch import Sketch, Typed, share
from simfunnel.verify.funnels.values import duration_or_none, work

CYCLE = "25 days"  # longer than all typed waits together


def stage(s: Sketch, name: str, *, nurtures: bool) -> Typed:
    """One stage; work only where a pool serves it."""
    luck = s.luck
    index = s.stages.index(name)
    pools = [pool for pool, home in s.homes.items() if name in home.stages]
    typed: Typed = {"name": name, "conversion": _conversion(s, last=index == len(s.stages) - 1)}
    if pools and luck.flag(0.7):
        typed["effort"] = work(s)
    elif len(pools) == 1 and luck.flag(0.4):
        typed["capacity"] = luck.one_of(("8 / business day", "20 / week", "6 / day"))
    if luck.flag(0.7):
        typed["quality_odds"] = luck.one_of((1.8, 3.0, 1, 0.7, "250%"))
    if luck.flag(0.9):
        typed["wait"] = wait(s, last=index == len(s.stages) - 1)
    if luck.flag(0.35):
        typed["no_show"] = share(luck.real(0.05, 0.6))
        typed |= {"no_show_effort": luck.one_of(("50%", "0%", "100%"))} if luck.flag(0.6) else {}
    typed |= exits(s, nurtures=nurtures) if luck.flag(0.75) else {}
    if index > 0 and luck.flag(0.4):
        typed["handoff"] = handoff(s, leak_only=True)
    return typed


def wins_among(steps: Sequence[Typed]) -> float:
    """About the share of worked leads that win; 0 where more quality does not always help."""
    if any(step.get("quality_odds", 1.8) in (1, 0.7) for step in steps):
        return 0.0
    return math.prod(float(step["conversion"].rstrip("%")) / 100.0 for step in steps)


def wait(s: Sketch, *, last: bool = False) -> Any:
    """Customer's time before the task; at times none, before the last one at times for ever."""
    if last and s.luck.flag(0.06):
        return "never"
    return "0 hours" if s.luck.flag(0.25) else duration_or_none(s, *s.luck.one_of(((0.5, 6.0), (6.0, 60.0))))


def exits(s: Sketch, *, nurtures: bool) -> Typed:
    """Where leads go that do not advance."""
    luck = s.luck
    nurture = luck.one_of((0, 30, 60, 100)) if nurtures else 0
    postponed = luck.one_of((0, 20, 40)) if nurture < 100 else 0
    parts = {"nurture": nurture, "postponed": postponed, "lost": 100 - nurture - postponed}
    typed: Typed = {"otherwise": {name: f"{part}%" for name, part in parts.items() if part}}
    if postponed or luck.flag(0.1):
        typed["postponed_for"] = duration_or_none(s, 1.0, 72.0)
    return typed


def _conversion(s: Sketch, *, last: bool) -> str:
    if s.luck.flag(0.1):
        return "0%" if last and s.luck.flag(0.3) else "100%"
    return share(s.luck.real(0.2, 0.9))
