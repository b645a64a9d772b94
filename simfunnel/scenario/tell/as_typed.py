"""Values as a planner types them, and the defaults that were taken where nothing was typed, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from simfunnel.errors import path_text
from simfunnel.scenario.change.paths import fields_of, spot_at
from simfunnel.scenario.fields.arrivals import Channel
from simfunnel.scenario.fields.calendars import CalendarSpec
from simfunnel.scenario.fields.field import NEVER, Model
from simfunnel.scenario.fields.pools import Pool
from simfunnel.scenario.fields.stages import Stage
from simfunnel.scenario.fields.values import PARTS, DurationDist, Spread
from simfunnel.scenario.model import Assumption, Scenario, typed_at
from simfunnel.units import Duration, MoneyRate, Volume, amount_text, number_text, share_text


def typed_form(value: Any) -> Any:
    """Plain text, numbers, lists and tables that read back as the same value; what is not typed is left out.

    >>> typed_form(Duration(15.0, "minute")), typed_form((date(2027, 1, 4), 2.0))
    ('15 minutes', ['2027-01-04', 2])
    """
    if isinstance(value, Duration | Volume | MoneyRate):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return int(value) if value == int(value) and abs(value) < 1e15 else value
    if isinstance(value, Model):
        return _block(value)
    if isinstance(value, Mapping):
        return {str(key): typed_form(item) for key, item in value.items()}
    return [typed_form(item) for item in value] if isinstance(value, list | tuple) else value


def scaled_form(value: Any, factor: float, digits: int = 9) -> Any:
    """A number, a quantity or a distribution with all of its amounts times a factor, as it would be typed.

    Amounts are rounded to so many digits.

    >>> scaled_form(Duration(3.0, "hour"), 1.25), scaled_form(12_000.0, 0.5)
    ('3.75 hours', 6000)
    """
    if isinstance(value, Duration | Volume | MoneyRate):
        return str(replace(value, amount=float(f"{value.amount * factor:.{digits}g}")))
    if not isinstance(value, Spread):
        return typed_form(float(f"{value * factor:.{digits}g}"))
    names = {name: field.alias or name for name, field in type(value).model_fields.items()}
    form: dict[str, Any] = {} if value.family is None else {"family": value.family}
    for part in PARTS:
        amount = getattr(value, part)
        if part == "choices" and amount is not None:
            form[names[part]] = {_key(scaled_form(each, factor, digits)): share for each, share in amount}
        elif amount is not None:
            form[part] = amount if part == "cv" else scaled_form(amount, factor, digits)
    return form["value"] if set(form) == {"value"} else form


def _key(amount: Any) -> str:
    return amount_text(amount) if isinstance(amount, int | float) else str(amount)


def _block(value: Model) -> Any:
    if getattr(value, "never", False):
        return NEVER
    names = {field.alias or name: name for name, field in type(value).model_fields.items()}
    typed = {
        key: typed_form(getattr(value, name))
        for key, name in names.items()
        if key in fields_of(type(value)) and name in value.model_fields_set and getattr(value, name) is not None
    }
    return typed[value.short_form] if value.short_form is not None and list(typed) == [value.short_form] else typed


def flow_text(value: Any) -> str:
    """A plain value in YAML's one-line form.

    >>> flow_text({"median": "9k", "hours": "09:00-17:00", "on": [True, 2.0]})
    '{median: 9k, hours: "09:00-17:00", on: [true, 2]}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow_text(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and (set(value) & set(":,{}[]#") or not value):
        return f'"{value}"'
    return str(typed_form(value))


def assumptions(scenario: Scenario, raw: Mapping[str, Any]) -> tuple[Assumption, ...]:
    """Every default taken that can move a result, in the order of the file; `raw` is what was typed."""
    found = [
        *_ranges(scenario),
        *_time(scenario, raw),
        *_channels(scenario),
        *_judgements(scenario, raw),
        *_effects(scenario),
        *_pools(scenario),
        *_stages(scenario),
        *_nurture(scenario),
    ]
    return tuple(found)


def spread_text(spread: DurationDist) -> str:
    """A duration in the words of a file.

    >>> spread_text(DurationDist(mean=Duration(45.0, "minute"), cv=0.8))
    'mean 45 minutes, cv 0.8'
    """
    if spread.never:
        return "never"
    typed = [(part, getattr(spread, part)) for part in ("value", "mean", "median", "p90", "cv")]
    words = [f"{part} {v if isinstance(v, Duration) else number_text(v)}" for part, v in typed if v is not None]
    return ", ".join(words).removeprefix("value ")


def calendar_text(calendar: CalendarSpec) -> str:
    """Opening hours in a line."""
    if calendar.always:
        return "always"
    holidays = calendar.holidays or "no holidays"
    return f"{calendar.days} {calendar.hours}, {holidays}, {calendar.time_zone}"


def _ranges(scenario: Scenario) -> Iterator[Assumption]:
    for each in scenario.ranges:
        spot = spot_at(each.at)
        bare = spot is not None and spot.model is not None and issubclass(spot.model, Spread)
        why = f"the middle of {each.text}" + ("; the same for every lead" if bare else "")
        yield Assumption(each.path, each.words(each.middle), why)


def _time(scenario: Scenario, raw: Mapping[str, Any]) -> Iterator[Assumption]:
    period = scenario.period
    if not period.model_fields_set & {"months", "weeks", "days", "end"}:
        yield Assumption("period.months", "12", "a planning year")
    if "run_in" not in period.model_fields_set and not scenario.opening_pipeline:
        yield Assumption("period.run_in", str(period.run_in), "the period begins with a full pipeline")
    if typed_at(raw, "calendar") is None:
        yield Assumption("calendar", calendar_text(scenario.calendar), "office hours")
    elif not scenario.calendar.always:
        yield from _calendar_parts(scenario.calendar)


def _calendar_parts(calendar: CalendarSpec) -> Iterator[Assumption]:
    typed = calendar.model_fields_set
    if not typed & {"hours", "windows"}:
        yield Assumption("calendar.hours", calendar.hours, "office hours")
    if not typed & {"days", "windows"}:
        yield Assumption("calendar.days", calendar.days, "office days")
    if not typed & {"holidays", "own_holidays"}:
        yield Assumption("calendar.holidays", "none", "no country is typed")


def _channels(scenario: Scenario) -> Iterator[Assumption]:
    many = len(scenario.channels) > 1

    def typed(*fields: str) -> Callable[[Channel], bool]:
        return lambda channel: bool(channel.model_fields_set & set(fields))

    if many:
        yield from _by_channel(scenario, "quality", "0", typed("quality", "win_rate"), "as good as the others")
        yield from _by_channel(scenario, "score_bias", "0", typed("score_bias", "mql_rate"), "scored like the others")
    yield from _by_channel(scenario, "hours_of_week", "flat", typed("hours_of_week"), "leads come at any hour")
    yield from _by_channel(scenario, "day_to_day_swing", "0.3", typed("day_to_day_swing"), "days differ beyond chance")
    yield from _by_channel(scenario, "cost_per_lead", "0", typed("cost_per_lead"), "profit leaves this cost out")
    why = "leads never go cold, which hides what slow answers cost"
    yield from _by_channel(scenario, "patience", "none", typed("patience"), why)


def _by_channel(
    scenario: Scenario, field: str, value: str, typed: Callable[[Channel], bool], why: str
) -> Iterator[Assumption]:
    """One line for all channels where none types the field, else one for each that does not."""
    silent = [name for name, channel in scenario.channels.items() if not typed(channel)]
    if len(silent) == len(scenario.channels) and len(silent) > 1:
        silent = ["*"]
    for name in silent:
        yield Assumption(path_text(("channels", name, field)), value, why)


def _judgements(scenario: Scenario, raw: Mapping[str, Any]) -> Iterator[Assumption]:
    score, acceptance = scenario.score, scenario.acceptance
    if not {"mean", "sd"} <= score.model_fields_set:
        why = (
            "the scale of your points" if scenario.qualification.threshold is not None else "any scale does for a rate"
        )
        yield Assumption("score", f"mean {number_text(score.mean)}, sd {number_text(score.sd)}", why)
    if "accuracy" not in score.model_fields_set:
        yield Assumption("score.accuracy", "fair (correlation 0.5)", "how well it sees quality is not typed")
    if "near_miss" not in scenario.qualification.model_fields_set:
        yield Assumption("qualification.near_miss", "0", "near misses are not followed up")
    if acceptance is None:
        if typed_at(raw, "acceptance") is None:
            yield Assumption("acceptance", "none", "sales accepts every MQL it reaches")
        return
    if "accuracy" not in acceptance.model_fields_set:
        yield Assumption("acceptance.accuracy", "fair (correlation 0.5)", "how well sales sees quality is not typed")
    if acceptance.agreement is None:
        yield Assumption("acceptance.agreement", "independent", "sales and the score see different signs of quality")
    if "effort" not in acceptance.model_fields_set and acceptance.rate < 1:
        yield Assumption("acceptance.effort", "15 minutes", "work on a lead that is then rejected")


def _effects(scenario: Scenario) -> Iterator[Assumption]:
    typed = (scenario.raw or {}).get("handoff")
    default = scenario.handoff["default"]
    own_ways = {"instant", "delay", "batch"}
    if not isinstance(typed, Mapping) or not any(way in (typed.get("default") or {}) for way in own_ways):
        untyped = [n for n in scenario.channels if not own_ways & _typed_keys(typed, n)]
        if untyped and default.delay is not None:
            leak = share_text(default.leak or 0.0)
            yield Assumption("handoff.default", f"{spread_text(default.delay)}, leak {leak}", "a usual hand-off")
    if scenario.speed_to_lead is None:
        yield Assumption("speed_to_lead", "off", "a late first contact does not lower the odds")
    if all(pool.load is None for pool in scenario.pools.values()) and scenario.pools:
        yield Assumption("pools.*.load", "off", "many open leads do not lower the odds")


def _typed_keys(table: Any, name: str) -> set[str]:
    own = table.get(name) if isinstance(table, Mapping) else None
    return set(own) if isinstance(own, Mapping) else set()


def _pools(scenario: Scenario) -> Iterator[Assumption]:
    for name, pool in scenario.pools.items():
        if pool.reps != "unlimited":
            yield from _pool(name, pool)


def _pool(name: str, pool: Pool) -> Iterator[Assumption]:
    if pool.selling_time is None:
        why = "meetings, notes and travel take the rest"
        yield Assumption(path_text(("pools", name, "selling_time")), "50%", why)
    if pool.cost_per_rep is None:
        yield Assumption(path_text(("pools", name, "cost_per_rep")), "0", "profit leaves this cost out")
    for index, hire in enumerate(pool.hires):
        if hire.ramp is not None and hire.start_at is None:
            path = path_text(("pools", name, "hires", index, "start_at"))
            yield Assumption(path, share_text(hire.productivity_at_start), "a new rep learns")


def _stages(scenario: Scenario) -> Iterator[Assumption]:
    for index, stage in enumerate(scenario.stages):
        yield from _stage(stage, index, scenario)


def _stage(stage: Stage, index: int, scenario: Scenario) -> Iterator[Assumption]:
    typed = stage.model_fields_set
    if stage.effort is not None and "effort" not in typed:
        yield Assumption(
            path_text(("stages", stage.name, "effort")), spread_text(stage.effort), "usual work at this place"
        )
    if "wait" not in typed and stage.wait is not None and (index > 0 or stage.no_show > 0):
        why = "its part of the cycle" if scenario.cycle is not None and index > 0 else "the customer's time before it"
        yield Assumption(path_text(("stages", stage.name, "wait")), spread_text(stage.wait), why)
    if "quality_odds" not in typed and 0 < stage.conversion < 1:
        why = "a lead one standard deviation better advances at 1.8 times the odds"
        yield Assumption(path_text(("stages", stage.name, "quality_odds")), "1.8", why)


def _nurture(scenario: Scenario) -> Iterator[Assumption]:
    nurture = scenario.nurture
    if nurture is None:
        yield Assumption("nurture", "off", "nobody comes back")
        return
    typed = nurture.model_fields_set
    known = {
        "score_lift": ("0", "nurture does not raise the score"),
        "opt_out": ("0%", "nobody unsubscribes"),
        "cycles": (str(nurture.cycles), "a lead comes back at most so often"),
        "patience": (spread_text(nurture.patience), "recycled leads wait like this"),
    }
    for field, (value, why) in known.items():
        if field not in typed:
            yield Assumption(f"nurture.{field}", value, why)
