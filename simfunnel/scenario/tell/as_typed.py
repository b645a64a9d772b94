"""Values as a planner types them, and the defaults that were taken where nothing was typed, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from simfunnel.errors import Path, path_text
from simfunnel.scenario.change.paths import model_at, value_at
from simfunnel.scenario.fields.field import NEVER, Model
from simfunnel.scenario.fields.values import PARTS, DurationDist, Spread
from simfunnel.scenario.model import Assumption, Scenario
from simfunnel.units import Duration, MoneyRate, Volume, number_text, rounded, share_text, typed_text


def typed_form(value: Any) -> Any:
    """Return plain text, numbers, lists and tables that read back as the same value, without what is not typed.

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
        if getattr(value, "never", False):
            return NEVER
        names = {field.alias or name: name for name, field in type(value).model_fields.items()}
        given = {key: getattr(value, name) for key, name in names.items() if name in value.model_fields_set}
        typed = {key: typed_form(each) for key, each in given.items() if each is not None}
        return typed[value.short_form] if value.short_form is not None and list(typed) == [value.short_form] else typed
    if isinstance(value, Mapping):
        return {str(key): typed_form(item) for key, item in value.items()}
    return [typed_form(item) for item in value] if isinstance(value, list | tuple) else value


def scaled_form(value: Any, factor: float, digits: int = 9) -> Any:
    """Multiply a number, a quantity or all amounts of a distribution by a factor, as it would be typed.

    Amounts are rounded to so many digits.

    >>> scaled_form(Duration(3.0, "hour"), 1.25), scaled_form(12_000.0, 0.5)
    ('3.75 hours', 6000)
    """
    if isinstance(value, Duration | Volume | MoneyRate):
        return str(replace(value, amount=rounded(value.amount * factor, digits)))
    if not isinstance(value, Spread):
        return typed_form(rounded(value * factor, digits))
    names = {name: field.alias or name for name, field in type(value).model_fields.items()}
    form: dict[str, Any] = {} if value.family is None else {"family": value.family}
    for part in PARTS:
        amount = getattr(value, part)
        if part == "choices" and amount is not None:
            form[names[part]] = {typed_text(scaled_form(each, factor, digits)): share for each, share in amount}
        elif amount is not None:
            form[part] = amount if part == "cv" else scaled_form(amount, factor, digits)
    return form["value"] if set(form) == {"value"} else form


def flow_text(value: Any) -> str:
    """Write a plain value in YAML's one-line form.

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


def spread_text(spread: DurationDist) -> str:
    """Write a duration in the words of a file.

    >>> spread_text(DurationDist(mean=Duration(45.0, "minute"), cv=0.8))
    'mean 45 minutes, cv 0.8'
    """
    if spread.never:
        return "never"
    typed = [(part, getattr(spread, part)) for part in ("value", "mean", "median", "p90", "cv")]
    words = [f"{part} {v if isinstance(v, Duration) else number_text(v)}" for part, v in typed if v is not None]
    return ", ".join(words).removeprefix("value ")


def _untyped(part: Model, path: Path, **defaults: tuple[str, str]) -> Iterator[Assumption]:
    """Yield the defaults taken for fields of a block that are not typed, each with its value and its reason."""
    for field, (value, why) in defaults.items():
        if field not in part.model_fields_set:
            yield Assumption(path_text((*path, field)), value, why)


def assumptions(scenario: Scenario, raw: Mapping[str, Any]) -> tuple[Assumption, ...]:
    """List every default taken that can move a result, in the order of the file; `raw` is what was typed."""
    ranges = []
    for each in scenario.ranges:
        model = model_at(each.at)
        bare = model is not None and issubclass(model, Spread)
        why = f"the middle of {each.text}" + ("; the same for every lead" if bare else "")
        ranges.append(Assumption(each.path, each.words(each.middle), why))
    return (*ranges, *(each for part in PARTS_OF_A_FILE for each in part(scenario, raw)))


def time_assumed(scenario: Scenario, raw: Mapping[str, Any]) -> Iterator[Assumption]:
    """Yield the length of the period, the run-in and the office hours that were assumed."""
    period, calendar = scenario.period, scenario.calendar
    if not period.model_fields_set & {"months", "weeks", "days", "end"}:
        yield Assumption("period.months", "12", "a planning year")
    if not scenario.opening_pipeline:
        yield from _untyped(period, ("period",), run_in=(str(period.run_in), "the period begins with a full pipeline"))
    typed = calendar.model_fields_set
    if raw.get("calendar") is None:
        hours = f"{calendar.days} {calendar.hours}, {calendar.holidays or 'no holidays'}, {calendar.time_zone}"
        yield Assumption("calendar", "always" if calendar.always else hours, "office hours")
    elif not calendar.always:
        if "windows" not in typed:
            hours_and_days = {"hours": (calendar.hours, "office hours"), "days": (calendar.days, "office days")}
            yield from _untyped(calendar, ("calendar",), **hours_and_days)
        if not typed & {"holidays", "own_holidays"}:
            yield Assumption("calendar.holidays", "none", "no country is typed")


def channels_assumed(scenario: Scenario, raw: Mapping[str, Any]) -> Iterator[Assumption]:
    """Yield fields that channels do not type: in a line for all where none does, else in one for each."""
    defaults = {
        "quality": ("0", "as good as the others"),
        "score_bias": ("0", "scored like the others"),
        "hours_of_week": ("flat", "leads come at any hour"),
        "day_to_day_swing": ("0.3", "days differ beyond chance"),
        "cost_per_lead": ("0", "profit leaves this cost out"),
        "patience": ("none", "leads never go cold, which hides what slow answers cost"),
    }
    instead = {"quality": "win_rate", "score_bias": "mql_rate"}  # told by comparison with other channels
    for field, (value, why) in defaults.items():
        fields = {field, instead.get(field, field)}
        silent = [name for name, channel in scenario.channels.items() if not channel.model_fields_set & fields]
        if len(scenario.channels) == 1 and field in instead:
            continue
        if len(silent) == len(scenario.channels) and len(silent) > 1:
            silent = ["*"]
        for name in silent:
            yield Assumption(path_text(("channels", name, field)), value, why)


def judgements_assumed(scenario: Scenario, raw: Mapping[str, Any]) -> Iterator[Assumption]:
    """Yield the scale and the accuracy of the score and of sales' judgement that were assumed."""
    score, qualification, acceptance = scenario.score, scenario.qualification, scenario.acceptance
    fair = "fair (correlation 0.5)"
    if not {"mean", "sd"} <= score.model_fields_set:
        why = "the scale of your points" if qualification.threshold is not None else "any scale does for a rate"
        yield Assumption("score", f"mean {number_text(score.mean)}, sd {number_text(score.sd)}", why)
    yield from _untyped(score, ("score",), accuracy=(fair, "how well it sees quality is not typed"))
    yield from _untyped(qualification, ("qualification",), near_miss=("0", "near misses are not followed up"))
    if acceptance is None:
        if raw.get("acceptance") is None:
            yield Assumption("acceptance", "none", "sales accepts every MQL it reaches")
        return
    path = ("acceptance",)
    yield from _untyped(acceptance, path, accuracy=(fair, "how well sales sees quality is not typed"))
    if acceptance.agreement is None:
        yield Assumption("acceptance.agreement", "independent", "sales and the score see different signs of quality")
    if acceptance.rate < 1:
        yield from _untyped(acceptance, path, effort=("15 minutes", "work on a lead that is then rejected"))


def effects_assumed(scenario: Scenario, raw: Mapping[str, Any]) -> Iterator[Assumption]:
    """Yield the usual hand-off where a channel takes it, and effects on the odds that are off."""
    typed = scenario.raw.get("handoff")
    own_ways, default = {"instant", "delay", "batch"}, scenario.handoff["default"]
    if not own_ways & set(value_at(typed, ("default",)) or ()) and default.delay is not None:
        ways = [value_at(typed, (name,)) for name in scenario.channels]
        if any(not isinstance(way, Mapping) or not own_ways & set(way) for way in ways):
            delay, leak = spread_text(default.delay), share_text(default.leak or 0.0)
            yield Assumption("handoff.default", f"{delay}, leak {leak}", "a usual hand-off")
    if scenario.speed_to_lead is None:
        yield Assumption("speed_to_lead", "off", "a late first contact does not lower the odds")
    if all(pool.load is None for pool in scenario.pools.values()) and scenario.pools:
        yield Assumption("pools.*.load", "off", "many open leads do not lower the odds")


def pools_assumed(scenario: Scenario, raw: Mapping[str, Any]) -> Iterator[Assumption]:
    """Yield the selling time, cost and ramp of teams that were assumed."""
    for name, pool in scenario.pools.items():
        path = ("pools", name)
        if pool.reps == "unlimited":
            continue
        if pool.selling_time is None:
            yield Assumption(path_text((*path, "selling_time")), "50%", "meetings, notes and travel take the rest")
        if pool.cost_per_rep is None:
            yield Assumption(path_text((*path, "cost_per_rep")), "0", "profit leaves this cost out")
        for index, hire in enumerate(pool.hires):
            if hire.ramp is not None and hire.start_at is None:
                at = path_text((*path, "hires", index, "start_at"))
                yield Assumption(at, share_text(hire.productivity_at_start), "a new rep learns")


def stages_assumed(scenario: Scenario, raw: Mapping[str, Any]) -> Iterator[Assumption]:
    """Yield the work, the wait and the effect of quality at stages that were assumed."""
    for index, stage in enumerate(scenario.stages):
        path = ("stages", stage.name)
        if stage.effort is not None:
            yield from _untyped(stage, path, effort=(spread_text(stage.effort), "usual work at this place"))
        if stage.wait is not None and (index > 0 or stage.no_show > 0):
            cycle = scenario.cycle is not None and index > 0
            why = "its part of the cycle" if cycle else "the customer's time before it"
            yield from _untyped(stage, path, wait=(spread_text(stage.wait), why))
        if 0 < stage.conversion < 1:
            why = "a lead one standard deviation better advances at 1.8 times the odds"
            yield from _untyped(stage, path, quality_odds=("1.8", why))


def nurture_assumed(scenario: Scenario, raw: Mapping[str, Any]) -> Iterator[Assumption]:
    """Yield that there is no nurture programme, else what of it was assumed."""
    nurture = scenario.nurture
    if nurture is None:
        yield Assumption("nurture", "off", "nobody comes back")
        return
    yield from _untyped(
        nurture,
        ("nurture",),
        score_lift=("0", "nurture does not raise the score"),
        opt_out=("0%", "nobody unsubscribes"),
        cycles=(str(nurture.cycles), "a lead comes back at most so often"),
        patience=(spread_text(nurture.patience), "recycled leads wait like this"),
    )


PARTS_OF_A_FILE: tuple[Callable[[Scenario, Mapping[str, Any]], Iterator[Assumption]], ...] = (
    time_assumed, channels_assumed, judgements_assumed, effects_assumed, pools_assumed, stages_assumed, nurture_assumed,
)  # fmt: skip
