"""Small funnels as a planner would type them, and the plans they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from simfunnel.plan import Plan, compile_plan, static_calibration
from simfunnel.scenario import parse, phases_of

Typed = dict[str, Any]


def funnel(channels: Mapping[str, Typed], stages: Sequence[Typed], *, days: int, run_in: int, **sections: Any) -> Typed:
    """A scenario in which everybody qualifies and arrives at once, day and night, unless `sections` differ."""
    return {
        "period": {"start": "2027-01-04", "days": days, "run_in": f"{run_in} days"},
        "calendar": "always",
        "channels": {name: {"day_to_day_swing": 0, "deal_value": 1000, **typed} for name, typed in channels.items()},
        "qualification": {"threshold": -1_000_000},
        "handoff": {"default": {"instant": True}},
        "stages": [{"wait": "0 hours", "conversion": "100%", "quality_odds": 1, **typed} for typed in stages],
        **sections,
    }


def desk(
    leads: str | Mapping[str, Typed],
    reps: int,
    effort: Any,
    *,
    days: int,
    run_in: int,
    pool: Typed | None = None,
    **more: Any,
) -> Typed:
    """One pool that works one stage all the time. `leads` is the volume of the only channel, or the channels."""
    channels = {"leads": {"leads": leads}} if isinstance(leads, str) else leads
    patience = more.pop("patience", None)
    if patience is not None:
        channels = {name: {**typed, "patience": patience} for name, typed in channels.items()}
    pools = {"desk": {"stages": ["call"], "reps": reps, "selling_time": "100%", **(pool or {})}}
    call = {"name": "call", "effort": effort, **more.pop("call", {})}
    return funnel(channels, [call], days=days, run_in=run_in, pools=pools, **more)


def minutes(mean: float) -> Typed:
    """An exponential duration."""
    return {"mean": f"{mean!r} minutes"}


def hours(mean: float) -> Typed:
    """An exponential duration."""
    return {"mean": f"{mean!r} hours"}


def plan_of(
    scenario: Typed | str, what_ifs: Sequence[str] = (), start: Literal["period", "settled"] = "period"
) -> Plan:
    """The plan of a scenario under what-ifs, with the base's constants by integrals."""
    spec = phases_of(parse(scenario), list(what_ifs), start)
    return compile_plan(spec, static_calibration(spec.base))
