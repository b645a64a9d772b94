"""Arrivals: a channel with its volume, and the weekly profile of its hours."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import BeforeValidator, ValidationInfo

from simfunnel.distributions import mean
from simfunnel.errors import value_text
from simfunnel.scenario.fields.calendars import lower_case
from simfunnel.scenario.fields.field import (
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
    number,
    quantity,
    rate,
)
from simfunnel.scenario.fields.values import CountDist, DurationDist, MoneyDist, Patience, Time
from simfunnel.scenario.ranges.ranges import Span
from simfunnel.scenario.read.folder import Folder, cell_text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS_OF_WEEK = 168
FORM = "write flat, business or the name of a CSV file in the scenario's folder with columns hour, mon, ..., sun"


def read_profile(value: object, info: ValidationInfo) -> Literal["flat", "business"] | tuple[float, ...]:
    """Read `flat`, `business`, or 168 weights from Monday 00:00, typed as a list or read from a CSV file."""
    if value in ("flat", "business"):
        return value
    if isinstance(value, list | tuple):
        return _weights(list(value))
    if not isinstance(value, str) or not value.lower().endswith(".csv"):
        raise FieldError("is no profile of the week", FORM)
    table = (info.context or {}).get("folder", Folder()).table(value, ("hour", *DAYS), DAYS)
    grid: dict[int, tuple[str, ...]] = {}
    for (line, row), (_, typed) in zip(table.rows, table.typed, strict=True):
        hour = row[0].strip()
        if not hour.isdecimal() or int(hour) > 23 or int(hour) in grid:
            rule = f"says in line {line} {cell_text(hour)}, which is no hour from 0 to 23 or comes twice"
            raise FieldError(rule, FORM)
        grid[int(hour)] = row[1:]
        for weight, cell in zip(row[1:], typed[1:], strict=True):
            _weight(weight, f"says in line {line} {cell_text(cell)}, which is")
    if len(grid) != 24:
        raise FieldError(f"has {len(grid)} hours", "write one line for each hour from 0 to 23")
    return _weights([grid[hour][day] for day in range(7) for hour in range(24)])


def _weight(value: object, what: str) -> float:
    try:
        return number(0.0)(value)
    except FieldError:
        raise FieldError(f"{what} no weight of at least 0", "write how many leads come, e.g. 12 or 0.4") from None


def _weights(values: list[object]) -> tuple[float, ...]:
    if len(values) != HOURS_OF_WEEK:
        raise FieldError(f"has {len(values)} values", "write 168, from Monday 0:00 to Sunday 23:00")
    weights = tuple(_weight(value, f"has {value_text(value)}, which is") for value in values)
    if math.fsum(weights) <= 0:
        raise FieldError("has no hour with leads", "write a weight above 0 for at least one hour")
    return weights


_WEIGHTS = {"type": "array", "items": {"type": "number"}, "minItems": HOURS_OF_WEEK, "maxItems": HOURS_OF_WEEK}
_PROFILE = {"anyOf": [{"enum": ["flat", "business"]}, {"type": "string", "pattern": r"\.csv$"}, _WEIGHTS]}
HoursOfWeek = Annotated[Literal["flat", "business"] | tuple[float, ...], Reads(read_profile, _PROFILE, in_context=True)]
Month = Literal["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTHS: tuple[str, ...] = get_args(Month)
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

    def check_fields(self) -> None:
        """Refuse batches less than an hour apart."""
        if mean(self.every.compile(SHORTEST_DAY_H)) < 1.0:
            remedy = "write e.g. 30 days, or lists: none for no lists"
            raise FieldError("is shorter than an hour", remedy, path=("every",))

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

    def check_fields(self) -> None:
        """Refuse a campaign that ends before it begins."""
        if self.to < self.from_:
            raise FieldError("lies before `from`", "write the last day", path=("to",))

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

    def check_fields(self) -> None:
        """Refuse volumes, qualities and biases typed twice or in part, and a channel without leads."""
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

    def weekly(self, open_days: float) -> float:
        """Return leads a week as typed, with so many business days in it, without season, growth and campaigns."""
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
