"""Levers of a study: a path with levels or a range, and the ramps of whom a lever hires."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simfunnel import units
from simfunnel.errors import MISSING, Path, Problem, ScenarioError
from simfunnel.scenario.change.overrides import COUNTS, FACTORS, Draft
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.scenario.change.phases import PlanSpec, checked_settings, is_belief_setting
from simfunnel.scenario.change.what_if import Setting
from simfunnel.scenario.fields.field import FieldError, Model, Reads, counted
from simfunnel.scenario.fields.pools import Pool
from simfunnel.scenario.fields.values import Spread
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.ranges.found import readers_at, unit_of
from simfunnel.scenario.ranges.ranges import Quantity, Span, in_one_unit
from simfunnel.units import UnitError, number_text, rounded, share_text, whole_or_exact

SETTLED = "added reps count as fully productive from the first day; a hire ramps {ramp}"


def ramp_note(pool: Pool) -> str:
    """Say beside a figure of added reps that they have no ramp; empty where no hire of the pool is typed with one."""
    typed = [hire.ramp for hire in pool.hires if hire.ramp is not None and hire.ramp.amount > 0]
    if not typed:
        return ""
    return SETTLED.format(ramp=" or ".join(dict.fromkeys(str(each) for each in typed)))


def ramp_notes(scenario: Scenario, pools: Iterable[str]) -> list[str]:
    """Return the note of each of some pools that needs one, with the pool's name."""
    there = [name for name in dict.fromkeys(pools) if name in scenario.pools]
    notes = {name: ramp_note(scenario.pools[name]) for name in there}
    return [f"{name}: {note}" for name, note in notes.items() if note]


def pools_with_added_reps(plan: PlanSpec) -> list[str]:
    """Return pools that have more reps in a phase of the plan than on its base, hires not counted."""
    before = {name: pool.reps for name, pool in plan.base.pools.items()}
    found = []
    for _, scenario in plan.phases:
        for name, pool in scenario.pools.items():
            old = before.get(name)
            if isinstance(pool.reps, int) and isinstance(old, int) and pool.reps > old:
                found.append(name)
    return list(dict.fromkeys(found))


def pools_of_heads(targets: Iterable[Path]) -> list[str]:
    """Return pools whose reps are among the values that paths set."""
    return [str(path[1]) for path in targets if path[0] == "pools" and len(path) > 2 and path[2] == "reps"]


MOST_LEVELS = 200
FORM = "write PATH=FROM:TO:STEP, e.g. qualification.threshold=40:80:5"

_BARE = re.compile(r"[^\w.+-]?[+-]?[\d.,]+")
_RATE = re.compile(r"(?P<amount>.*?\d[kKmM]?)\s*(?P<per>(/|\bper\b).*)")
_TIMES = re.compile(r"(?P<number>[\d.,]+)\s*x", re.IGNORECASE)

_BY_KIND: dict[str, Callable[[Any], Any]] = {
    "share": units.parse_share,
    "factor": units.parse_factor,
    "money": units.parse_money,
    "duration": units.parse_duration,
    "volume": units.parse_volume,
    "cost": units.parse_money_rate,
}


@dataclass(frozen=True)
class Lever:
    """A path whose value is moved, and the levels asked for; numbers are in `unit` (shares as 0.25, twice today as 2).

    `low`, `high`, `step` are None as far as they are not typed; `today` is the level that stands in the scenario, 1 for
    a `relative` lever, None where nothing comparable stands there (unlimited, a distribution, an mql_rate in place of a
    threshold). `belief`: the base is solved anew at each level.
    """

    path: str
    targets: tuple[Path, ...]
    span: Span
    form: Quantity | None
    low: float | None
    high: float | None
    step: float | None
    relative: bool
    percent: bool
    belief: bool
    today: float | None

    @property
    def kind(self) -> str:
        """share, factor, number, whole, money, duration, volume or cost."""
        return self.span.kind

    @property
    def whole(self) -> bool:
        """Whether levels are whole numbers."""
        return self.kind == "whole" and not self.relative

    @property
    def unit(self) -> str:
        """What a level counts: `hours`, `/ week`, `%`, `x today`; empty for plain numbers and money."""
        if self.relative:
            return "x today"
        if self.form is not None:
            return str(replace(self.form, amount=2.0)).removeprefix("2 ")
        return "%" if self.percent or self.kind == "share" else ""

    def levels(self) -> tuple[float, ...]:
        """Return levels from `low` in steps as far as `high`; ValueError unless all three are typed."""
        if self.low is None or self.high is None or self.step is None:
            raise ValueError(f"{self.path} has no steps: {FORM}")
        count = math.floor((self.high - self.low) / self.step + 1e-9) + 1
        return tuple(rounded(self.low + at * self.step) for at in range(count))

    def value(self, level: float) -> Any:
        """Return the value that a what-if would type for a level."""
        exact = rounded(level)
        if self.relative:
            return f"{number_text(exact)} times"
        if self.form is not None:
            return str(replace(self.form, amount=exact))
        return share_text(exact) if self.kind == "share" or self.percent else whole_or_exact(exact)

    def words(self, level: float) -> str:
        """Write a level as a planner reads it."""
        if self.relative:
            return f"{share_text(rounded(level))} of today"
        return str(self.value(level))


def lever_of(scenario: Scenario, text: str) -> Lever:
    """Return the lever of a text `PATH`, `PATH=MIN:MAX` or `PATH=FROM:TO:STEP`.

    A bare path is relative where it stands for several values or for one that is no plain number, else in the unit of
    what stands there. Raises ScenarioError for a path that no what-if may set or where no number stands, and for levels
    that the field does not take.
    """
    path, equals, typed = (part.strip() for part in text.partition("="))
    place = f"--lever {path}"
    try:
        if not path or (equals and not typed):
            raise FieldError("moves nothing", FORM)
        applied = checked_settings(scenario.raw, scenario.places, [Setting(None, path, MISSING, parse_path(path))])[0]
        spots = _Spots(path, applied.targets, tuple(_parsed_at(scenario, target) for target in applied.targets))
        found = spots.typed(scenario, typed) if typed else spots.untyped()
        lever = replace(found, belief=is_belief_setting(applied))
        if lever.relative:
            Draft(scenario.raw, scenario.places).set(path, "1 times")  # says why when there is nothing to multiply
        return lever
    except FieldError as error:
        raise ScenarioError([Problem((), typed or MISSING, error.rule, error.remedy, file=place)]) from None
    except ScenarioError as error:
        problems = [replace(each, path=(), file=place, line=None, column=None) for each in error.problems]
        raise ScenarioError(problems) from None


def changes_of(levers: Sequence[Lever], levels: Sequence[float]) -> dict[str, Any]:
    """Return the settings that put each lever at its level, as a what-if would type them."""
    return {lever.path: lever.value(level) for lever, level in zip(levers, levels, strict=True)}


@dataclass(frozen=True)
class _Spots:
    """What a path stands for: the paths that it sets, and what stands there as parsed, None where nothing does."""

    path: str
    targets: tuple[Path, ...]
    today: tuple[Any, ...]

    @property
    def readers(self) -> tuple[Reads, ...]:
        """The readers of the numbers there; FieldError unless all are of one kind."""
        readers = [readers_at(target) for target in self.targets]
        if not all(readers):
            remedy = "name a path where a number stands, e.g. pools.SDR.reps"
            raise FieldError("is no number, so it has no levels", remedy)
        if len({found[0].span for found in readers}) > 1:
            rule = f"stands for numbers of different kinds at {self.path}"
            raise FieldError(rule, "name one of them instead of *")
        return readers[0]

    def lever(
        self, span: Span, numbers: Sequence[float] = (), form: Quantity | None = None, percent: bool = False
    ) -> Lever:
        """Return the lever with up to three numbers in the unit of `form`, and today's level where it is one."""
        low, high, step = (*numbers, None, None, None)[:3]
        levels = set()
        for today in self.today:  # as a level; None where it cannot be compared
            found = None
            if isinstance(today, Quantity):
                pair = in_one_unit(form, today) if form is not None else None
                found = rounded(pair[1]) if pair is not None else None
            elif form is None and isinstance(today, int | float) and not isinstance(today, bool):
                found = rounded(today)
            levels.add(found)
        level = levels.pop() if len(levels) == 1 else None
        return Lever(self.path, self.targets, span, form, low, high, step, False, percent, False, level)

    def relative(self, span: Span, multiples: Sequence[float | None] = ()) -> Lever:
        """Return the lever in multiples of today, with up to three of them."""
        numbers = tuple(each for each in multiples if each is not None)
        if len(numbers) < len(multiples):
            remedy = "write all three in % of today, e.g. 80%:120%:10%"
            raise FieldError("mixes levels with multiples of today", remedy)
        if span.kind == "whole":
            rule = "multiplies what must stay a whole number" if numbers else "stands for no single whole number"
            raise FieldError(rule, "write the levels themselves, e.g. PATH=3:9")
        _check_order(numbers, [f"{number_text(each)}x" for each in numbers])
        return replace(self.lever(span, numbers), relative=True, today=1.0)

    def typed(self, scenario: Scenario, text: str) -> Lever:
        """Return the lever with levels as typed, read by the first reader of the field that takes them."""
        parts = _with_unit([part.strip() for part in text.split(":")])
        if len(parts) not in (2, 3) or not all(parts):
            raise FieldError("is no range of levels", FORM)
        readers = self.readers
        first = readers[0].number
        multiples = [_multiple(part, first) for part in parts]
        if any(each is not None for each in multiples):
            return self.relative(first, multiples)
        errors: list[FieldError] = []
        for reads in readers:
            try:
                numbers, form = _ends(parts, reads, {"folder": scenario.folder, "currency": scenario.currency})
            except FieldError as error:
                errors.append(error)
                continue
            _check_order(numbers, parts)
            if reads.number.kind == "whole" and any(x != int(x) for x in numbers):
                raise FieldError("are not all whole numbers", "write whole numbers, e.g. 3:9:1")
            return self.lever(reads.number, numbers, form, any(part.endswith("%") for part in parts))
        raise errors[0]

    def untyped(self) -> Lever:
        """Return the lever of a bare path: in the unit of the one value that stands there, else relative to today."""
        span = self.readers[0].number
        one = self.today[0] if len(self.targets) == 1 else None
        if isinstance(one, Quantity):
            return self.lever(span, form=one)
        if isinstance(one, int | float) and not isinstance(one, bool):
            return self.lever(span, percent=span.kind == "share")
        return self.relative(span)


def _parsed_at(scenario: Scenario, path: Path) -> Any:
    """Return what the scenario holds at a path, defaults included; None where nothing stands."""
    node: Any = scenario
    for part in path:
        if isinstance(node, Mapping):
            node = node.get(part)
        elif isinstance(node, tuple):
            node = node[part] if isinstance(part, int) and part < len(node) else None
        elif part == "selling_time" and isinstance(node, Pool):
            node = node.selling_share  # assumed where it is not typed
        else:
            fields = type(node).model_fields if isinstance(node, Model) else {}
            name = next((name for name, field in fields.items() if (field.alias or name) == part), "")
            node = getattr(node, name, None)
    return node.value if isinstance(node, Spread) and node.is_constant else node


def _with_unit(parts: list[str]) -> list[str]:
    """Return the parts, those without a unit with that of the last one: `1:8:1 hours`; k and M are no unit."""
    if (rate := _RATE.fullmatch(parts[-1])) is not None:
        return [part if _RATE.fullmatch(part) else f"{part} {rate['per']}" for part in parts]
    unit = unit_of(parts[-1])
    if not unit or re.fullmatch(r"(k|m|mn|b|bn)", unit, re.IGNORECASE):
        return parts
    join = "" if unit[0] in "%xX" else " "
    return [f"{part}{join}{unit}" if _BARE.fullmatch(part) else part for part in parts]


def _multiple(part: str, span: Span) -> float | None:
    """Return the multiple of today that a part means; None when it means a level itself."""
    if (match := _TIMES.fullmatch(part)) is not None:
        return _plain(match["number"])
    if part.endswith("%") and span.kind not in FACTORS:
        return float(_read(lambda text: units.parse_share(text, allow_above=True), part))
    return None


def _ends(parts: Sequence[str], reads: Reads, context: Mapping[str, Any]) -> tuple[tuple[float, ...], Quantity | None]:
    """Return the levels as numbers in the unit of the first, and that; the step is free of the field's limits."""
    kind = reads.number.kind
    by_kind = _BY_KIND.get(kind, counted(_plain) if kind in COUNTS else _plain)
    ends = [_read(lambda text: reads.read(text, context), part) for part in parts[:2]]
    read = [*ends, *(_read(by_kind, part) for part in parts[2:])]
    if not all(isinstance(each, int | float | Quantity) for each in read):
        raise FieldError("is no range of numbers", FORM)
    pairs = [in_one_unit(read[0], each) for each in read]
    found = [pair for pair in pairs if pair is not None]
    if len(found) < len(pairs):
        raise FieldError("is in two units", "write all three in the same unit")
    return tuple(pair[1] for pair in found), found[0][2]


def _read(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except (FieldError, UnitError) as error:
        raise FieldError(f"{text}: {error.rule}", error.remedy) from None


def _plain(text: Any) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise FieldError("is not a number", "write a number, e.g. 5 or 0.5") from None


def _check_order(numbers: Sequence[float], parts: Sequence[str]) -> None:
    if not numbers:
        return
    low, high, *rest = numbers
    if low == high:
        raise FieldError("is one level and no range", "write a lower and a higher level, e.g. 40:80")
    if not low < high:
        turned = ":".join((parts[1], parts[0], *parts[2:]))
        raise FieldError("does not go from a lower to a higher level", f"write {turned}, or other levels")
    for step in rest:
        if not step > 0:
            raise FieldError("has a step that is not above zero", FORM)
        if step > (high - low) * (1 + 1e-9):
            raise FieldError("has a step longer than the whole way", "write a shorter STEP")
        if (high - low) / step > MOST_LEVELS - 1 + 1e-9:
            raise FieldError(f"has more than {MOST_LEVELS} levels", "write a longer STEP")
