"""Planners' words for what a target study says: reasons, limits, levers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simfunnel.report import words as w
from simfunnel.study.target import LeverFound, Limit

METRICS: Mapping[str, str] = {"revenue": "of revenue", "wins": "deals won", "profit": "of profit"}

# what makes the calculator promise too much, and too little
TOO_MUCH: Mapping[str, str] = {
    "cold": "more of them go cold before the first call",
    "queues": "fewer of those reached win: later answers, fuller desks, lower bar",
    "date": "close after {last}",
    "luck": "luck: the middle {word} has to lie above the target",
    "sure": "to spare: whole steps, and to be sure of it in {n} simulated {word}s",
}
TOO_LITTLE: Mapping[str, str] = {
    "cold": "fewer of them go cold before the first call",
    "queues": "more of those reached win: earlier answers, lighter desks, higher bar",
    "date": "more closes by {last} than in the long run",
    "luck": "luck: the middle {word} may lie below the target",
    "sure": "short of the target in the search",
}

RELAXED: Mapping[str, str] = {
    "leads": "half as many leads again",
    "handoff": "hand-off at once, nothing lost",
    "patience": "leads that never go cold",
    "bar": "every lead an MQL",
    "start": "the plan begun a run-in earlier",
    "date": "time until the period's end",
}
LIMITING: Mapping[str, str] = {
    "leads": "the number of leads",
    "handoff": "the hand-off",
    "patience": "leads' patience",
    "bar": "the bar for an MQL",
    "start": "the time left after the plan begins",
    "date": "the day asked for",
}

REACHES: Mapping[str, str] = {"yes": "reaches it", "no": "", "perhaps": "perhaps"}


def relaxed(limit: Limit) -> str:
    """What is done to a limit when it is relaxed."""
    if limit.kind == "pool":
        return f"{limit.name} reps without limit"
    if limit.kind == "several":
        return "together: " + ", ".join(_short(name) for name in limit.name.split(", "))
    return RELAXED[limit.kind] + (f" ({limit.name})" if limit.name else "")


def limiting(limit: Limit) -> str:
    """The limit itself."""
    if limit.kind == "pool":
        return f"{limit.name} reps"
    return LIMITING[limit.kind] + (f" of {limit.name}" if limit.name else "")


def _short(name: str) -> str:
    short = {"handoff": "hand-off", "start": "an earlier start", "leads": "more leads"}
    return f"{name.removeprefix('pool ')} reps" if name.startswith("pool ") else short.get(name, name)


def lever_text(lever: LeverFound, every: Sequence[str]) -> str:
    """A lever at its level, as planners say it; `every`: all channels of the scenario."""
    if len(lever.pools) == 1:
        return f"{lever.level:.0f} {lever.pools[0]}{'' if lever.level == 1 else 's'}"
    if lever.channels:
        whose = "leads" if set(lever.channels) == set(every) else f"leads of {', '.join(lever.channels)}"
        return f"{whose} at {lever.words}"
    return f"{lever.path} at {lever.words}"


def lever_name(lever: LeverFound, every: Sequence[str]) -> str:
    """The lever itself."""
    if len(lever.pools) == 1:
        return f"{lever.pools[0]}s"
    if lever.channels:
        return "leads" if set(lever.channels) == set(every) else f"leads of {', '.join(lever.channels)}"
    return lever.path


def chance(share: float, low: float, high: float) -> str:
    """A chance with its interval, of 100 periods.

    >>> chance(0.83, 0.772, 0.871)
    '83 (77-87) of 100'
    """
    return f"{w.of_hundred(share)} ({w.of_hundred(low)}-{w.of_hundred(high)}) of 100"
