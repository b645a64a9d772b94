"""Where leads come from: channels with their volume, rhythm, quality, value and patience; lists and campaigns."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, model_validator

from simfunnel.distributions import mean
from simfunnel.scenario.calendars import lower_case
from simfunnel.scenario.fields import (
    Correlation,
    DateValue,
    Factor,
    FieldError,
    Leads,
    Model,
    Money,
    NoneIsZero,
    NoneOfThem,
    Number,
    Off,
    Reads,
    Share,
    VolumeValue,
    either,
    lever,
    limited,
    quantity,
    rate,
)
from simfunnel.scenario.profile import HoursOfWeek
from simfunnel.scenario.ranges import Span
from simfunnel.scenario.values import CountDist, DurationDist, MoneyDist, Patience, Time

Month = Literal["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTHS: tuple[str, ...] = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HOURS_PER_WEEK = 168.0
EVEN_SWING = 0.3
SHORTEST_DAY_H = 8.0  # of a calendar that is not known yet

Growth = Annotated[float, Reads(rate(-0.99, 100.0), quantity("rate, e.g. 10%"), span=Span("factor", -0.99, 100.0))]
Swing = Annotated[float, limited(0.0, 5.0)]
Quality = Annotated[float, limited(-5.0, 5.0)]


class Lists(Model):
    """Leads that come in batches, e.g. bought lists or trade fairs."""

    every: Time = lever("time from one batch to the next", "30 days")
    size: CountDist = lever("leads in a batch", 200)

    @model_validator(mode="after")
    def _come_apart(self) -> Lists:
        if mean(self.every.compile(SHORTEST_DAY_H)) < 1.0:
            remedy = "write e.g. 30 days, or lists: none for no lists"
            raise FieldError("is shorter than an hour", remedy, path=("every",))
        return self

    @property
    def weekly_volume(self) -> float:
        """Leads a week, on average: mean size / mean time between batches."""
        return mean(self.size.compile()) / mean(self.every.compile(HOURS_PER_WEEK / 5.0)) * HOURS_PER_WEEK


class Campaign(Model):
    """Extra leads of a channel over some days, with a budget of their own."""

    from_: DateValue = lever("first day", "2027-04-05", alias="from")
    to: DateValue = lever("last day, included", "2027-04-16")
    leads: Leads = lever("expected leads over all its days", 300)
    cost: Annotated[Money, NoneIsZero] = lever(
        "budget, booked on the first day; its leads bear no cost per lead", "24k", default=0.0
    )

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Campaign:
        if self.to < self.from_:
            raise FieldError("lies before `from`", "write the last day", path=("to",))
        return self

    @property
    def n_days(self) -> int:
        """Days that the campaign lasts."""
        return (self.to - self.from_).days + 1


class Channel(Model):
    """A source of leads that are alike."""

    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (
        either("leads", "visits visit_to_lead"),
        either("quality", "win_rate"),
        either("score_bias", "mql_rate"),
    )

    leads: VolumeValue | None = lever(
        "leads per time; in a path `volume` means leads or visits, whichever is typed", "60 / week", default=None
    )
    visits: VolumeValue | None = lever("or visits per time, with visit_to_lead", "5000 / week", default=None)
    visit_to_lead: Share | None = lever("share of visits that become a lead", "2.4%", default=None)
    lists: Annotated[Lists | None, Off] = lever(
        "leads that come in batches; none switches them off", {"every": "30 days", "size": 200}, default=None
    )
    hours_of_week: HoursOfWeek = lever(
        "when in the week leads come: flat, business (opening hours), or a CSV file with hour, mon, ..., sun",
        "flat",
        "business",
        "chat_hours.csv",
        default="flat",
    )
    season: Annotated[dict[Annotated[Month, BeforeValidator(lower_case)], Factor], NoneOfThem] = lever(
        "volume by month against the usual one; months not named are 100%", {"jul": "85%", "dec": "70%"}, default={}
    )
    growth: Growth = lever("yearly growth of the volume; 10% is a tenth more each year", "10%", default=0.0)
    day_to_day_swing: Swing = lever(
        "how much busy and quiet days differ beyond chance (standard deviation / mean)", 0.3, default=EVEN_SWING
    )
    quality: Quality | None = lever(
        "mean true quality in standard deviations of leads; 0 when neither it nor win_rate is typed", 0.1, default=None
    )
    win_rate: Share | None = lever("or today's wins / leads, from the CRM", "2.2%", default=None)
    score_bias: Number | None = lever(
        "points by which the score flatters this channel; 0 when neither it nor mql_rate is typed", 6, default=None
    )
    mql_rate: Share | None = lever("or today's share of its leads that qualify", "38%", default=None)
    cost_per_lead: Annotated[Money, NoneIsZero] = lever("cost of one lead", 60, default=0.0)
    patience: Patience = lever(
        "time from qualifying after which a lead has gone cold; never, or none, when it waits for ever",
        {"median": "3 days"},
        default=DurationDist(never=True),
    )
    deal_value: MoneyDist = lever("value of a won deal", {"median": "9k", "p90": "30k"})
    value_quality: Correlation = lever(
        "how strongly deal value goes with quality, as a correlation of ranks", 0.3, default=0.0
    )
    campaigns: Annotated[dict[str, Campaign], NoneOfThem] = lever("campaigns by name", default={})

    @model_validator(mode="after")
    def _one_of_each(self) -> Channel:
        if self.leads is not None and self.visits is not None:
            raise FieldError("is typed beside `leads`", "keep one of `leads` and `visits`", path=("visits",))
        if (self.visits is None) != (self.visit_to_lead is None):
            missing, typed = ("visit_to_lead", "visits") if self.visits is not None else ("visits", "visit_to_lead")
            raise FieldError(f"is typed without `{missing}`", f"type `{missing}` too", path=(typed,))
        off = self.model_fields_set & {"lists", "campaigns"}  # typed, then as `none`: a channel that brings nothing
        if self.leads is None and self.visits is None and self.lists is None and not self.campaigns and not off:
            raise FieldError("has no leads", "type `leads`, e.g. leads: 60 / week, or `visits`, `lists` or `campaigns`")
        for one, other in (("quality", "win_rate"), ("score_bias", "mql_rate")):
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise FieldError(f"is typed beside `{one}`, which it determines", "keep one of the two", path=(other,))
        return self

    def weekly(self, open_days: float) -> float:
        """Leads a week as typed, with so many business days in it; season, growth and campaigns are not counted."""
        hourly = 0.0
        if self.leads is not None:
            hourly = self.leads.per_hour(open_days)
        elif self.visits is not None and self.visit_to_lead is not None:
            hourly = self.visits.per_hour(open_days) * self.visit_to_lead
        return hourly * HOURS_PER_WEEK + (self.lists.weekly_volume if self.lists is not None else 0.0)

    @property
    def weekly_volume(self) -> float:
        """Leads a week as typed, with five business days in it."""
        return self.weekly(5.0)
