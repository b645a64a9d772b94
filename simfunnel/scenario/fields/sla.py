"""What marketing and sales promise each other, and the year's target."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from simfunnel import units
from simfunnel.scenario.fields.field import (
    DEFAULT,
    FieldError,
    Model,
    Money,
    Off,
    Reads,
    Share,
    Text,
    by_channel,
    fact,
    refuse_shape,
)

RESPONSE_FORM = "write e.g. 60% within 8 working hours"


class VolumeRange(NamedTuple):
    """Leads per time, from `low` to `high`; None is unbounded."""

    low: units.Volume | None
    high: units.Volume | None


class ResponseClause(NamedTuple):
    """At least `share` of leads are contacted `within` a time of joining the queue, in the clock it is typed in."""

    share: float
    within: units.Duration


Responses = dict[str, ResponseClause | None]  # by channel or `default`; None: nothing is promised


def read_range(value: object) -> VolumeRange:
    """Read `450 to 750 / month`, `at least 450 / month` or `at most 750 / month`."""
    if isinstance(value, VolumeRange):
        return value
    text = value.strip() if isinstance(value, str) else ""
    bound = re.fullmatch(r"at (least|most)\s+(.+)", text)
    if bound is None:
        return VolumeRange(*units.parse_volume_range(value))
    volume = units.parse_volume(bound[2])
    return VolumeRange(volume, None) if bound[1] == "least" else VolumeRange(None, volume)


def read_at_least(value: object) -> float:
    """Read `at least 5%`, or just the share."""
    text = value.strip().removeprefix("at least").strip() if isinstance(value, str) else value
    refuse_shape(text, "a least share", "at least 5%")
    return float(units.parse_share(text))


def read_response(value: object) -> ResponseClause:
    """Read `60% within 8 working hours`."""
    if isinstance(value, ResponseClause):
        return value
    share, within, duration = value.partition(" within ") if isinstance(value, str) else ("", "", "")
    if not within:
        raise FieldError("is not a promise of response", RESPONSE_FORM)
    return ResponseClause(read_at_least(share), units.parse_duration(duration.strip()))


def read_responses(value: object) -> ResponseClause | Responses:
    """Read one promise for all leads, or one per channel with an optional `default`; `none` promises nothing."""
    if not isinstance(value, Mapping):
        return read_response(value)
    return by_channel(value, lambda typed: None if typed in ("none", None) else read_response(typed), "promise")


def read_amount(value: object) -> float | units.Duration:
    """Read any metric's bound: a number, a share (`5%`), an amount of money (`9k`) or a duration."""
    if isinstance(value, units.Duration):
        return value
    if isinstance(value, str | float):
        units.refuse_two_readings(value if isinstance(value, str) else units.text_of(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        for parse in (units.parse_share, units.parse_money):
            try:
                return float(parse(value))
            except units.UnitError:
                continue
        return units.parse_duration(value)
    raise FieldError("is not an amount", "write a number, 5%, 9k or 4 hours")


def in_hours(amount: float | units.Duration, business_day: float = 24.0) -> float:
    """Return the amount as a plain number, a duration in hours of its clock."""
    return amount.hours(business_day) if isinstance(amount, units.Duration) else amount


Range = Annotated[VolumeRange, Reads(read_range, {"type": "string", "title": "e.g. 450 to 750 / month"})]
AtLeast = Annotated[float, Reads(read_at_least, {"type": ["string", "number"], "title": "e.g. at least 5%"})]
_RESPONSE = {"type": "string", "title": "e.g. 60% within 8 working hours"}
Response = Annotated[
    ResponseClause | Responses,
    Reads(
        read_responses,
        {"anyOf": [_RESPONSE, {"type": "object", "minProperties": 1, "additionalProperties": _RESPONSE}]},
        items=Reads(read_response, _RESPONSE),
    ),
]
Amount = Annotated[float | units.Duration, Reads(read_amount, {"type": ["number", "string"]})]


class Marketing(Model):
    """What marketing promises sales."""

    mqls: Annotated[Range | None, Off] = fact("MQLs, all passes", "450 to 750 / month", default=None)
    win_share: Annotated[AtLeast | None, Off] = fact(
        "share of a month's new MQLs that win", "at least 5%", default=None
    )


class Sales(Model):
    """What sales promises marketing."""

    response: Annotated[Response | None, Off] = fact(
        "share of hand-offs contacted within a time (elapsed or working) of joining the queue: one, or one per channel",
        "60% within 8 working hours",
        {"default": "95% within 1 hour", "chat": "90% within 5 minutes"},
        default=None,
    )
    acceptance: Annotated[AtLeast | None, Off] = fact(
        "share of first contacts that are accepted", "at least 60%", default=None
    )

    def responses(self, channels: Sequence[str]) -> list[tuple[str, ResponseClause]]:
        """Return the promises of response as (channel, promise); one for all leads has channel ""."""
        if isinstance(self.response, ResponseClause):
            return [("", self.response)]
        typed = self.response or {}
        found = [(name, typed.get(name, typed.get(DEFAULT))) for name in channels]
        return [(name, promise) for name, promise in found if promise is not None]


class OtherClause(Model):
    """Any metric of the table, at least or at most."""

    metric: Text = fact("name of the metric", "busy_share")
    at_least: Amount | None = fact("least value", "20%", default=None)
    at_most: Amount | None = fact("largest value", "90%", default=None)
    pool: Text | None = fact("of this pool only", "SDR", default=None)
    channel: Text | None = fact("of this channel only", "chat", default=None)

    def check_fields(self) -> None:
        """Refuse a promise without a bound, and bounds that no value keeps."""
        if self.at_least is None and self.at_most is None:
            raise FieldError("promises nothing", "add at_least or at_most")
        if self.at_least is None or self.at_most is None:
            return
        if in_hours(self.at_least) > in_hours(self.at_most):
            raise FieldError("is below `at_least`", "write the larger bound", path=("at_most",))


class Sla(Model):
    """The service level agreement, judged month by month."""

    marketing: Marketing | None = fact("marketing's side", default=None)
    sales: Sales | None = fact("sales' side", default=None)
    other: tuple[OtherClause, ...] = fact("further promises", [{"metric": "busy_share", "at_most": "90%"}], default=())


class Target(Model):
    """The revenue that the period must bring."""

    revenue: Money = fact("revenue won in the period", "5.2M")
    confidence: Share | None = fact("chance with which it should be reached", "80%", default=None)
