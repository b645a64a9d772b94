"""The stages that a deal goes through after acceptance, in order."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from simfunnel.scenario.fields.field import (
    FieldError,
    Model,
    NoneIsZero,
    PositiveFactor,
    Share,
    Text,
    VolumeValue,
    belief,
    either,
    lever,
)
from simfunnel.scenario.fields.handoff import Handoff
from simfunnel.scenario.fields.values import Time, TimeOrNone, Wait
from simfunnel.units import significant

QUALITY_ODDS = 1.8


class Otherwise(Model):
    """Where leads go that do not advance, as shares."""

    nurture: Share = lever("into nurture", "40%", default=0.0)
    postponed: Share = lever("asleep for a time, then back to the same stage", "25%", default=0.0)
    lost: Share = lever("closed as lost", "60%", default=0.0)

    def check_fields(self) -> None:
        """Refuse shares that do not add up to 1."""
        total = math.fsum((self.nurture, self.postponed, self.lost))
        if abs(total - 1.0) > 1e-9:
            parts = " + ".join(f"{name} {significant(getattr(self, name), 6)}" for name in type(self).model_fields)
            raise FieldError(
                f"shares add up to {significant(total, 6)} ({parts})",
                "they must add up to 1: raise or lower one of them",
            )


LOST = Otherwise(lost=1.0)


class Stage(Model):
    """One stage: the customer's wait, the rep's task, and the decision at its end."""

    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (either("effort", "capacity"),)

    name: Text = lever("name of the stage", "discovery")
    effort: TimeOrNone | None = lever(
        "work per task; 45 minutes at the first stage, 3 hours at the last, 60 minutes between, cv 0.8",
        {"mean": "45 minutes", "cv": 0.8},
        default=None,
    )
    capacity: VolumeValue | None = lever("or tasks that one rep can do in a time", "8 / business day", default=None)
    conversion: Share = belief("today's share of decisions that advance", "45%")
    quality_odds: PositiveFactor = belief(
        "odds of advancing of a lead one standard deviation better", 1.8, default=QUALITY_ODDS
    )
    wait: Wait | None = lever(
        "customer's time before the task, no rep held; from `cycle`, else 7 days on average",
        {"median": "5 days", "p90": "14 days"},
        default=None,
    )
    no_show: Annotated[Share, NoneIsZero] = lever(
        "share of tasks to which the customer does not come", "18%", default=0.0
    )
    no_show_effort: Share = lever("work that a no-show costs, as a share of the task's", "50%", default=0.5)
    otherwise: Otherwise = lever("where leads go that do not advance", {"nurture": "40%", "lost": "60%"}, default=LOST)
    postponed_for: Time | None = lever(
        "how long postponed deals sleep", {"median": "90 days", "p90": "200 days"}, default=None
    )
    handoff: Handoff | None = lever(
        "hand-off on entering, when the pool changes; at once, without leak, when not typed",
        {"delay": "1 day"},
        default=None,
    )

    def check_fields(self) -> None:
        """Refuse effort beside capacity, sleep without a length, and a stage to which no customer comes."""
        if self.effort is not None and self.capacity is not None:
            raise FieldError("is typed beside `effort`, which it determines", "keep one of the two", path=("capacity",))
        if self.otherwise.postponed > 0 and self.postponed_for is None:
            raise FieldError(
                "postpones leads but not for how long",
                "add postponed_for, e.g. postponed_for: {median: 90 days}",
                path=("otherwise", "postponed"),
            )
        if self.no_show >= 1.0:
            raise FieldError("means that no customer ever comes", "write a share below 100%", path=("no_show",))
