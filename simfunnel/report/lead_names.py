"""Readable ids of leads: where and when they come from, the same under every plan."""

from __future__ import annotations

from datetime import date, timedelta

from simfunnel.ledger import Ledger
from simfunnel.plan import Plan
from simfunnel.plan.model import CAMPAIGN, LIST, OPENING, Source
from simfunnel.streams import make_id, split_id

EPOCH = date(1970, 1, 1)
ITEM_BITS = 24


def lead_name(plan: Plan, ledger: Ledger, row: int) -> str:
    """Readable id: channel/date/layer/index, channel/campaign/date/layer/index, channel/list/number/item or
    channel/opening/stage/index."""
    identity = int(ledger.leads["id"][row])
    key, day, layer, index = split_id(identity)
    item = identity & ((1 << ITEM_BITS) - 1)
    for place, source in enumerate(plan.sources):
        if source.key == key:
            start = source_name(plan, place)
            if source.kind == OPENING:
                return f"{start}/{item}"
            if source.kind == LIST:
                return f"{start}/{day}/{item}"
            return f"{start}/{EPOCH + timedelta(days=day)}/{layer}/{index}"
    return str(identity)


def lead_id(plan: Plan, name: str) -> int | None:
    """Identity of the lead with this readable id; None when no source of the plan could have made it."""
    for place, source in enumerate(plan.sources):
        start = source_name(plan, place) + "/"
        if name.startswith(start):
            found = _identity(source, name.removeprefix(start).split("/"))
            if found is not None:
                return found
    return None


def source_name(plan: Plan, place: int) -> str:
    """How the ids of one source begin."""
    source = plan.sources[place]
    channel = plan.channels[source.channel]
    if source.kind == CAMPAIGN:
        return f"{channel}/{plan.campaigns[source.campaign]}"
    if source.kind == LIST:
        return f"{channel}/list"
    if source.kind == OPENING:
        stage = next(group.stage for group in plan.opening if group.source == place)
        return f"{channel}/opening/{plan.stages[stage]}"
    return channel


def _identity(source: Source, parts: list[str]) -> int | None:
    try:
        if source.kind == OPENING:
            (item,) = map(int, parts)
            return make_id(source.key, 0, 0, 0) + item
        if source.kind == LIST:
            number, item = map(int, parts)
            return make_id(source.key, number, 0, 0) + item
        day, layer, index = parts
        return make_id(source.key, (date.fromisoformat(day) - EPOCH).days, int(layer), int(index))
    except (ValueError, OverflowError):
        return None
