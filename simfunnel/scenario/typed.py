"""Values as a planner types them: the way back from models to plain text and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from simfunnel.scenario.fields import NEVER, Model
from simfunnel.scenario.paths import fields_of
from simfunnel.scenario.values import PARTS, Spread
from simfunnel.units import Duration, MoneyRate, Volume, amount_text


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
