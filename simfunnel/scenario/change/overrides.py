"""Values changed by path: `--set`, what-ifs and levers, absolute or relative to what stands there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_origin

from simfunnel import units
from simfunnel.errors import Path
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.scenario.change.paths import Spot, child, concrete, members, model_at, spot_at
from simfunnel.scenario.fields.field import DEFAULT, FieldError, Model, refused_at
from simfunnel.scenario.fields.values import PARTS, Spread
from simfunnel.scenario.ranges.found import kinds_at, range_at
from simfunnel.scenario.read.source import Place, Places

WORDS = ("none", "never", "unlimited")  # stand where a quantity would, and cannot be multiplied
FACTORS = ("share", "factor")  # kinds of which a percentage is a value and not a multiple of today
COUNTS = ("whole", "money", "volume", "cost")  # kinds of which `1.000 more` may mean a thousand more
NO_QUANTITY, IS = "changes a value, but", "it is"  # a word of those above
_PERCENT = re.compile(r"[0-9.,]+\s*%")
_PLAIN = re.compile(r"[0-9.]+")


class Draft:
    """Plain values being changed, with their places; the values it was made from are never touched."""

    def __init__(self, data: Any, places: Places | None = None) -> None:
        self.data = data
        self.places = Places() if places is None else places.copy()

    def set(self, path: str, value: Any, place: Place | None = None) -> list[Path]:
        """Set every value that `path` stands for and return the paths set; FieldError when path or change is wrong."""
        targets = concrete(self.data, parse_path(path))
        for target in targets:
            node = self.data
            for depth, part in enumerate(target):
                node = child(node if isinstance(node, list) else opened(node, target[:depth]), part)
            self.put(target, changed(node, target, value), place)
        return targets

    def put(self, target: Path, value: Any, place: Place | None = None) -> None:
        """Put a value at one concrete path, making the blocks above it and dropping what it replaces."""
        for alternative in replaced(target):
            self.places.drop(alternative)
        self.data = with_value(self.data, target, value)
        if place is not None:
            self.places.put(target, place)


def set_value(raw: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Copy plain scenario values with `path` (wildcards, `volume`) set to `value` (also `2 more`, `10% less`).

    What the new value replaces goes: who sets `mql_rate` drops `threshold`. Raises FieldError.
    """
    draft = Draft(raw)
    draft.set(path, value)
    return dict(draft.data)


def with_value(node: Any, path: Path, value: Any, above: Path = ()) -> Any:
    """Copy `node`, which stands at `above`, with the value at `path` below it; the rest is shared."""
    if not path:
        return value
    key, below = path[0], (*above, path[0])
    if isinstance(key, int) and isinstance(node, list):
        return [with_value(item, path[1:], value, below) if i == key else item for i, item in enumerate(node)]
    block = opened(node, above)
    for rival in replaced(below) if len(path) == 1 else []:
        block.pop(str(rival[-1]), None)
    return {**block, str(key): with_value(block.get(str(key)), path[1:], value, below)}


def opened(node: Any, path: Path) -> dict[str, Any]:
    """Return the block that stands at a path: as typed, or spelt out from its short form, or empty."""
    if isinstance(node, Mapping):
        return dict(node)
    spot = spot_at(path)
    if node is None or (isinstance(node, str) and node in WORDS) or spot is None:
        return {}
    if spot.model is None:
        kinds = members(spot.annotation)  # one threshold or promise for all channels, where a table may stand
        return {DEFAULT: node} if len(kinds) > 1 and any(get_origin(kind) is dict for kind in kinds) else {}
    short = spot.model.short_form
    return {short: True if short == "always" else node} if short is not None else {}


def replaced(target: Path) -> list[Path]:
    """Return paths of the values that a value at `target` takes the place of: the other ways to say the same."""
    return [(*target[:-1], key) for key in rivals(model_at(target[:-1]), str(target[-1]))]


def rivals(model: type[Model] | None, key: str) -> list[str]:
    """Return the keys that a key of a model replaces."""
    groups = [group for group in model.ways if any(key in way for way in group)] if model is not None else []
    return sorted({other for group in groups for way in group if key not in way for other in way})


def merged(base: Any, own: Any, path: Path = ()) -> Any:
    """Lay `own` over `base`: blocks and tables key by key, everything else (distributions, lists) as a whole."""
    spot = spot_at(path)
    if spot is None or not isinstance(own, Mapping) or base is None:
        return own
    model = spot.model
    if (model is not None and issubclass(model, Spread)) or (model is None and not isinstance(base, Mapping)):
        return own
    result = opened(base, path)
    for key, value in own.items():
        for rival in rivals(model, key):
            if rival not in own:
                result.pop(rival, None)
        result[key] = merged(result.get(key), value, (*path, key))
    return result


# --- relative values -------------------------------------------------------------------------------------------------


def changed(old: Any, path: Path, value: Any) -> Any:
    """Return the value to put at a path: `value` itself, or `old` changed by it when it reads as a change.

    A percentage is a multiple of today where it can be no value: `volume: 0%`.
    """
    spot = spot_at(path)
    if spot is None or str in members(spot.annotation):
        return value
    kinds = kinds_at(path)
    of_today = isinstance(value, str) and _PERCENT.fullmatch(value.strip()) and bool(kinds) and not kinds & set(FACTORS)
    if not units.is_change(value) and not of_today:
        return value
    with refused_at():
        change = units.parse_change(f"{value} times" if of_today else value)
        if change.kind == "add" and kinds & set(COUNTS):
            units.refuse_two_readings(value.split()[0], f" {value.split()[-1]}")
        default = spot.field.default if spot.field is not None else None
        if old is None and isinstance(default, int | float | units.Duration | units.Volume):
            old = str(default) if isinstance(default, units.Duration) else default
        if old is None or (isinstance(old, str) and old in WORDS):
            stands = "no value is typed there" if old is None else f"{IS} {old}"
            raise FieldError(f"{NO_QUANTITY} {stands}", "write the new value itself, or type today's value first")
        return _applied(old, change, spot, path)


def _applied(old: Any, change: units.Change, spot: Spot, path: Path) -> Any:
    """Return `old`, a range, a distribution, or a quantity in text or number, changed; FieldError for all else."""
    if (typed := range_at(path, old, {})) is not None:
        if isinstance(typed.form, units.Duration) and change.kind != "multiply":
            raise FieldError("adds a bare number to a duration", "write 10% more, or the new range")
        return typed.changed(change.apply(typed.low), change.apply(typed.high))
    if isinstance(old, Mapping):
        if spot.model is None or not issubclass(spot.model, Spread) or change.kind != "multiply":
            rule = "changes a block, which only a distribution allows, by % or times"
            raise FieldError(rule, "change one of its fields")
        form: dict[str, Any] = {}
        for key, part in old.items():
            if key in ("choices", "prices") and isinstance(part, Mapping):
                shares = {}
                for text, share in part.items():
                    amount = float(text) if isinstance(text, str) and _PLAIN.fullmatch(text) else text
                    shares[units.typed_text(_applied(amount, change, spot, ()))] = share
                form[key] = shares
            else:
                form[key] = _applied(part, change, spot, (*path, key)) if key in PARTS and key != "cv" else part
        return form
    if isinstance(old, bool) or not isinstance(old, str | int | float):
        raise FieldError("changes something that is no quantity", "write the new value itself")
    if isinstance(old, str):
        return _changed_text(old, change)
    found = units.whole_or_exact(change.apply(old))
    return units.share_text(found) if found > 1 and "factor" in kinds_at(path) else found


def _changed_text(old: str, change: units.Change) -> Any:
    """Return a quantity in text, changed: the unit stays."""
    if old.strip().endswith("%"):
        found = units.whole_or_exact(change.apply(units.parse_share(old.strip().lstrip("-"), allow_above=True)))
        signed = -found if old.strip().startswith("-") else found
        return units.share_text(signed) if found > 1 else signed
    for parse in (units.parse_duration, units.parse_volume, units.parse_money_rate):
        try:
            quantity = parse(old)
        except units.UnitError:
            continue
        if isinstance(quantity, units.Duration) and change.kind != "multiply":
            raise FieldError("adds a bare number to a duration", "write 10% more, or the new duration")
        return str(replace(quantity, amount=units.rounded(change.apply(quantity.amount))))
    try:
        return units.whole_or_exact(change.apply(units.parse_money(old)))
    except units.UnitError:
        raise FieldError("changes something that is no quantity", "write the new value itself") from None
