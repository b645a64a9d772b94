"""Ranges read out of plain values: `25% to 35%` wherever a number stands, each replaced by its middle.

Both ends are read by the field's own reader, so they obey its rules. The lower end may leave out the unit (`25 to 35%`,
`3 to 5 h`, `70k to 80k / year`) where that has one meaning only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from simfunnel.errors import Path, Problem, path_text
from simfunnel.scenario.change.paths import model_at, named, spot_at
from simfunnel.scenario.fields.field import FieldError, Readings, Reads
from simfunnel.scenario.fields.values import Spread
from simfunnel.scenario.ranges.ranges import InOneUnit, Quantity, TypedRange, in_one_unit
from simfunnel.units import UnitError

SKIPPED = frozenset(("what_ifs", "sources", "title"))
FRAMES = frozenset(("period", "fiscal_year", "sla", "target"))  # facts that frame the study are known exactly
FORM = "write the lower end, to and the higher end, e.g. 25% to 35%, 3 h to 5 h or 800 to 1200"

_TO = re.compile(r"(?P<low>\S.*?)\s+to\s+(?P<high>\S.*)", re.IGNORECASE)
_DASHED = re.compile(r"(?P<low>[\d.,]+\s*%?)\s*[-–]\s*(?P<high>[\d.,]+\s*(?:%|[A-Za-z].*)?)")
_BARE = re.compile(r"[+-]?[\d.,]+")
_TAIL = re.compile(r"[^\d.+-]*[+-]?[\d.,]+(?P<rest>.*)")
_PER_TIME = re.compile(r"(/|\bper\b|\ban?\b).*", re.IGNORECASE)


class Resolved(NamedTuple):
    """Plain values without ranges, the ranges that stood in them, and what is wrong with some, by path."""

    data: Any
    ranges: tuple[TypedRange, ...]
    problems: tuple[Problem, ...]


def resolved(data: Any, context: Mapping[str, Any], readings: Readings) -> Resolved:
    """Replace every range in plain values of a scenario by its middle; a range that is wrong is left standing.

    `context` is what readers of money and files need: the currency and the folder. `readings` of blocks know which of
    them hold no range. A block without one stays the very block that it is.
    """
    ranges: list[TypedRange] = []
    problems: list[Problem] = []
    middles: dict[Path, Any] = {}
    for path, text in _texts(data, (), readings):
        try:
            found = range_at(path, text, context, data)
        except FieldError as error:
            problems.append(Problem(path, text, error.rule, error.remedy))
            continue
        if found is not None:
            ranges.append(found)
            middles[path] = found.typed(found.middle)
    return Resolved(_replaced(data, middles, ()) if middles else data, tuple(ranges), tuple(problems))


def _texts(node: Any, path: Path, readings: Readings) -> list[tuple[Path, str]]:
    """Return every text that may be a range, with its path."""
    if isinstance(node, str):
        return [(path, node)] if _TO.fullmatch(node.strip()) or _DASHED.fullmatch(node.strip()) else []
    if not isinstance(node, dict | list) or readings.has_no_range(node):
        return []
    below = node.items() if isinstance(node, dict) else enumerate(node)
    found = [
        text for key, value in below if path or key not in SKIPPED for text in _texts(value, (*path, key), readings)
    ]
    if not found:
        readings.keep_without_range(node)
    return found


def _replaced(node: Any, middles: Mapping[Path, Any], path: Path) -> Any:
    """Return the value with middles at their paths; the very same one where there is none below."""
    if path in middles:
        return middles[path]
    if isinstance(node, dict):
        found = {key: _replaced(value, middles, (*path, key)) for key, value in node.items()}
        return node if all(found[key] is value for key, value in node.items()) else found
    if isinstance(node, list):
        items = [_replaced(value, middles, (*path, index)) for index, value in enumerate(node)]
        return node if all(new is old for new, old in zip(items, node, strict=True)) else items
    return node


def range_at(path: Path, text: object, context: Mapping[str, Any], data: Any = None) -> TypedRange | None:
    """Return the range typed at a path; None when the text is none, or no number stands there; FieldError if wrong."""
    readers = readers_at(path) if isinstance(text, str) else ()
    if not isinstance(text, str) or not readers:
        return None
    match = _TO.fullmatch(text.strip())
    if match is None:
        if (dash := _DASHED.fullmatch(text.strip())) is not None:
            try:
                _read(readers[0], text, context)
            except FieldError as error:
                remedy = f"if it is a range, write {dash['low'].strip()} to {dash['high']}"
                raise FieldError(error.rule, remedy) from None
        return None
    if path[0] in FRAMES:
        raise FieldError(f"is a range, but {path[0]} frames what is simulated", "write one number")
    errors: list[FieldError] = []
    for reads in readers:
        try:
            low, high, form = _ends(match["low"], match["high"], reads, context)
        except FieldError as error:
            errors.append(error)
            continue
        model, at = model_at(path), named(path, data)
        if model is not None and model.short_form is not None and not issubclass(model, Spread):
            at = (*at, model.short_form)  # of a block typed short (`acceptance: 55% to 65%`) the field is meant
        percent = text.rstrip().endswith("%")
        return TypedRange(path_text(at), path, text.strip(), low, high, reads.number, form, percent)
    raise errors[0 if "%" in text else -1]


def _ends(low: str, high: str, reads: Reads, context: Mapping[str, Any]) -> InOneUnit:
    """Return the two ends of a range in one unit; FieldError unless the lower one has exactly one meaning."""
    upper = _read(reads, high, context)
    found: dict[float, tuple[str, InOneUnit]] = {}
    backwards, error = "", None
    for text in _meanings(low, high):
        try:
            pair = in_one_unit(_read(reads, text, context), upper)
        except FieldError as wrong:
            error = error or wrong
            continue
        if pair is None:
            raise FieldError("is a range of two units", "write both ends in the same unit")
        if pair[0] < pair[1]:
            found.setdefault(pair[0], (text, pair))
        else:
            backwards = text
    if len(found) > 1:
        texts = [text for text, _ in found.values()]
        raise FieldError(f"may begin at {' or at '.join(texts)}", f"write the unit at both ends: {texts[-1]} to {high}")
    if found:
        return next(iter(found.values()))[1]
    if backwards and in_one_unit(_read(reads, backwards, context), upper) == in_one_unit(upper, upper):
        raise FieldError("has two ends that are the same", "write one number")
    if backwards or error is None:
        raise FieldError("does not go from a lower to a higher number", f"write {high} to {backwards}, or one number")
    raise error


def _meanings(low: str, high: str) -> list[str]:
    """Return what the lower end may mean: itself, or itself with the unit of the higher end."""
    rest = unit_of(high)
    per_time = _PER_TIME.search(rest)
    found = [low]
    if rest and _BARE.fullmatch(low.lstrip("$€£¥")):
        found.append(f"{low}{rest}" if rest[0] in "%kKmMbB" and len(rest.split()[0]) <= 2 else f"{low} {rest}")
    if per_time is not None:
        found.append(f"{low} {per_time[0]}")
    return list(dict.fromkeys(found))


def _read(reads: Reads, text: str, context: Mapping[str, Any]) -> Any:
    """Read one end by the field's own reader; FieldError with the end in its rule."""
    try:
        found = reads.read(text, context)
    except (FieldError, UnitError) as error:
        raise FieldError(f"end {text}: {error.rule}", error.remedy) from None
    if not isinstance(found, int | float | Quantity):
        raise FieldError(f"end {text}: is not a number", FORM)
    return found


def unit_of(text: str) -> str:
    """Return the text that follows a number: `hours`, `%`, `/ month`; empty where there is none."""
    tail = _TAIL.fullmatch(text)
    return tail["rest"].strip() if tail else ""


@lru_cache(maxsize=4096)
def readers_at(path: Path) -> tuple[Reads, ...]:
    """Return the readers of the number at a path that take a range: the field's own, or that of its short form."""
    spot = spot_at(path)
    if spot is None:
        return ()
    found, field, model = list(_marks(spot.annotation)), spot.field, spot.model
    if field is not None:
        of_field = [*_marks(field.annotation), *(mark for mark in field.metadata if isinstance(mark, Reads))]
        if spot.annotation is field.annotation:
            found = of_field
        elif spot.annotation is float:  # a value of a table that one reader reads whole
            found = [reads.items for reads in of_field if reads.items is not None]
    if model is not None and model.short_form is not None:
        short = model.model_fields[model.short_form]
        found += readers_at((*path, short.alias or model.short_form))
    return tuple(reads for reads in found if reads.span is not None)


def kinds_at(path: Path) -> set[str]:
    """Return the kinds of number that may stand at a path: share, factor, duration ..."""
    return {reads.number.kind for reads in readers_at(path)}


def _marks(annotation: Any) -> Iterator[Reads]:
    """Yield the readers that an annotation names for the value itself."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from (mark for mark in marks if isinstance(mark, Reads))
        yield from _marks(inner)
    elif get_origin(annotation) not in (dict, tuple):
        for part in get_args(annotation):
            yield from _marks(part)
