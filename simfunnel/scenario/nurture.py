"""What happens to leads that are not ready: rest, a lift of their score, another look."""

from __future__ import annotations

from typing import Annotated

from simfunnel.scenario.fields import Model, Money, NoneIsZero, Off, Reads, Share, lever, whole
from simfunnel.scenario.ranges import Span
from simfunnel.scenario.values import DurationDist, NumberDist, Patience, TimeOrNone
from simfunnel.units import Duration

Cycles = Annotated[int, Reads(whole(1, 1000), {"type": "integer", "minimum": 1}, span=Span("whole", 1.0))]


class Nurture(Model):
    """The nurture programme."""

    delay: TimeOrNone = lever(
        "time in nurture before the lead is looked at again", {"median": "21 days", "p90": "60 days"}
    )
    score_lift: Annotated[NumberDist, NoneIsZero] = lever(
        "points that the score gains each time; lifts add up", {"mean": 8, "sd": 10}, default=NumberDist(value=0.0)
    )
    quality_lift: Annotated[NumberDist | None, Off] = lever(
        "standard deviations that true quality gains each time; none when not typed",
        {"mean": 0.1, "sd": 0.2},
        default=None,
    )
    opt_out: Annotated[Share, NoneIsZero] = lever("share that unsubscribes each time", "15%", default=0.0)
    cycles: Cycles = lever("times in a life that a lead may enter", 3, default=3)
    cost: Annotated[Money, NoneIsZero] = lever("cost of one stay", 4, default=0.0)
    patience: Patience = lever(
        "patience of recycled leads",
        {"median": "5 days"},
        default=DurationDist(median=Duration(5.0, "day", False)),
    )
