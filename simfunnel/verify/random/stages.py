"""Random stages and hand-offs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from simfunnel.scenario.fields.qualification import CORRELATIONS
from simfunnel.verify.random.sketch import Sketch, Typed, duration_or_none, number, patience, share, work


def accuracy(s: Sketch, *, by_auc: bool) -> Any:
    """Return how well a judgement sees quality; as an AUC only when it is known that some accuracy gives it."""
    luck = s.luck
    ways: list[Any] = ["fair", "weak", "good", "perfect", {"correlation": round(luck.real(0.0, 1.0), 2)}]
    if by_auc:
        ways += 2 * [{"auc": round(luck.real(0.51, 0.53), 3)}, {"auc_among_mqls": 0.505}]
    return luck.one_of(ways)


def score(s: Sketch, *, by_auc: bool) -> Typed:
    """Draw marketing's score."""
    typed: Typed = {"accuracy": accuracy(s, by_auc=by_auc)} if s.luck.flag(0.7) else {}
    mean, sd = s.score
    return typed if s.score == (50.0, 20.0) and s.luck.flag(0.5) else {"mean": mean, "sd": sd, **typed}


def threshold(s: Sketch) -> float:
    """Draw a bar that some reach."""
    mean, sd = s.score
    return round(mean + s.luck.real(-1.5, 0.5) * sd, 1)


def bar(s: Sketch, *, by_rate: bool = True) -> Typed:
    """Return the threshold for all or per channel, or the MQL rate."""
    luck = s.luck
    kind = luck.one_of(("one", "each", *(("rate",) if by_rate else ())))
    if kind == "rate":
        return {"mql_rate": share(luck.real(0.3, 0.95))}
    if kind == "one":
        return {"threshold": threshold(s)}
    return {"threshold": {"default": threshold(s), s.channels[-1]: threshold(s)}}


def qualification(s: Sketch, *, nurtures: bool) -> Typed:
    """Draw who becomes an MQL, and where the others go."""
    luck = s.luck
    typed = bar(s)
    if luck.flag(0.6):
        typed["near_miss"] = round(luck.real(0.2, 1.2) * s.score[1], 1)
        typed["near_miss_to"] = "nurture" if nurtures and luck.flag(0.8) else "disqualified"
    if luck.flag(0.5):
        typed["below_to"] = "nurture" if nurtures and luck.flag(0.6) else "disqualified"
    return typed


def known_correlation(typed: Any) -> float | None:
    """Return the correlation that a typed accuracy stands for; None for an AUC."""
    if isinstance(typed, str):
        return CORRELATIONS[typed]
    found = typed.get("correlation")
    return None if found is None else float(found)


def acceptance(s: Sketch, seen: Any, *, nurtures: bool, by_auc: bool) -> Any:
    """Draw sales' judgement; `seen` is the typed accuracy of the score, with which an agreement must be possible."""
    luck = s.luck
    rate = share(luck.real(0.3, 0.95)) if luck.flag(0.9) else "100%"
    if luck.flag(0.1):
        return rate
    typed: Typed = {"rate": rate}
    if luck.flag(0.6):
        typed["accuracy"] = accuracy(s, by_auc=by_auc)
    if luck.flag(0.4):
        found = _agreement(s, known_correlation(seen), known_correlation(typed.get("accuracy", "fair")))
        typed |= {} if found is None else {"agreement": found}
    if luck.flag(0.7):
        typed["effort"] = luck.one_of(("25%", "0%", work(s, 0.1, 1.0)))
    if luck.flag(0.7):
        typed["rejected_to"] = "nurture" if nurtures and luck.flag(0.75) else "lost"
    return typed


def _agreement(s: Sketch, r_score: float | None, r_assessment: float | None) -> float | None:
    if r_score is None or r_assessment is None:
        return None
    reach = math.sqrt((1.0 - r_score**2) * (1.0 - r_assessment**2))
    return round(r_score * r_assessment + s.luck.real(-0.9, 0.9) * reach, 6)


def nurture(s: Sketch) -> Typed:
    """Return the programme for leads that are not ready."""
    luck = s.luck
    typed: Typed = {"delay": duration_or_none(s, 2.0, 120.0)}
    if luck.flag(0.85):
        typed["score_lift"] = number(luck, luck.real(0.2, 1.5) * s.score[1])
    if luck.flag(0.5):
        typed["quality_lift"] = number(luck, luck.real(0.05, 0.4)) if luck.flag(0.9) else "none"
    if luck.flag(0.5):
        typed["opt_out"] = share(luck.real(0.0, 0.4))
    if luck.flag(0.7):
        typed["cycles"] = luck.whole(1, 5)
    if luck.flag(0.2):
        typed["cost"] = 4
    if luck.flag(0.5):
        typed["patience"] = patience(s)
    return typed


BATCHES = ("daily 09:00", "Mon,Thu 09:00", "Mon-Fri 08:00, 12:30, 17:00", "Sun 23:45")


def handoff(s: Sketch, *, leak_only: bool = False) -> Typed:
    """At once, after a delay or in batches; with a leak. `leak_only`: a channel may leave the way to the default."""
    luck = s.luck
    way = luck.one_of(("instant", "delay", "batch", *(("",) if leak_only else ())))
    typed: Typed = {}
    if way == "instant":
        typed["instant"] = True
    elif way == "delay":
        typed["delay"] = "0 hours" if luck.flag(0.2) else duration_or_none(s, 0.5, 24.0)
    elif way == "batch":
        typed["batch"] = luck.one_of(BATCHES)
    if luck.flag(0.35) or not typed:
        typed["leak"] = share(luck.real(0.02, 0.3))
    return typed


def handoffs(s: Sketch) -> Typed:
    """By channel or default."""
    typed = {name: handoff(s, leak_only=True) for name in s.channels if s.luck.flag(0.4)}
    return {"default": handoff(s), **typed} if s.luck.flag(0.85) else typed


def speed(s: Sketch) -> Typed:
    """Draw odds by time to the first contact, by default and for some channel."""
    luck = s.luck
    tables: tuple[Typed, ...] = (
        {"0 hours": 1.0, "1 hour": 0.6, "24 hours": 0.2},
        {"30 minutes": "120%", "2 days": "50%"},
        {"6 hours": 0.7},
    )
    typed: Typed = {"default": {"odds": luck.one_of(tables)}}
    if luck.flag(0.6):
        typed["default"]["strength"] = luck.one_of((0.5, 1.5, 0))
    if luck.flag(0.4):
        own: Typed = {"strength": 0.8} if luck.flag(0.5) else {"odds": luck.one_of(tables)}
        typed[luck.one_of(s.channels)] = own
    return typed


CYCLE = "25 days"  # longer than all typed waits together


def stage(s: Sketch, name: str, *, nurtures: bool) -> Typed:
    """Return one stage; work only where a pool serves it."""
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
    """Draw customer's time before the task; at times none, before the last one at times for ever."""
    if last and s.luck.flag(0.06):
        return "never"
    return "0 hours" if s.luck.flag(0.25) else duration_or_none(s, *s.luck.one_of(((0.5, 6.0), (6.0, 60.0))))


def exits(s: Sketch, *, nurtures: bool) -> Typed:
    """Return where leads go that do not advance."""
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
