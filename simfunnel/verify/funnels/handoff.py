"""Random hand-offs, and what a late first contact does."""

from __future__ import annotations

from simfunnel.verify.funnels.sketch import Sketch, Typed, share
from simfunnel.verify.funnels.values import duration_or_none

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
    """Odds by time to the first contact, by default and for some channel."""
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
