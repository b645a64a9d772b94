"""What every study may be asked, read with one set of rules for the command line and for Python."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from simfunnel.errors import ArgumentError, value_text
from simfunnel.units import UnitError, parse_share

MOST = {"seed": 2**32 - 1, "replication": 2**32 - 1, "replications": 100_000, "workers": 512, "random": 100_000}
FEWEST = {"replications": 1, "workers": 1}
AUTO_ENGINE, ENGINES = "auto", ("simpy", "compiled")
LONGEST_NUMBER = 40  # characters: longer ones are no counts


class Objective(StrEnum):
    """What a sweep may make high (the last three: low): amounts that add up over a year."""

    PROFIT = "profit"
    REVENUE = "revenue"
    WINS = "wins"
    OPPORTUNITIES = "opportunities"
    SALS = "sals"
    MQLS = "mqls"
    SLA_MONTHS_KEPT = "sla_months_kept"
    COST = "cost"
    WENT_COLD = "went_cold"
    WASTED_HOURS = "wasted_hours"


def whole_number(name: str, value: object, fewest: int | None = None, most: int | None = None) -> int:
    """Return a whole number within the bounds of the argument `name`, also from text; raises ArgumentError.

    >>> whole_number("seed", "7"), whole_number("workers", 2)
    (7, 2)
    """
    lowest = FEWEST.get(name, 0) if fewest is None else fewest
    highest = MOST[name] if most is None else most
    found = _integer(value)
    if found is None or not lowest <= found <= highest:
        raise ArgumentError(name, f"{value_text(value)} is not a whole number from {lowest:,} to {highest:,}")
    return found


def _integer(value: object) -> int | None:
    if isinstance(value, str):
        text = value.strip()
        plain = text.removeprefix("-")
        return int(text) if plain.isascii() and plain.isdigit() and len(text) <= LONGEST_NUMBER else None
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]  # whatever is no whole number raises
    except TypeError:
        return None


def replications_of(value: object) -> int | Literal["auto"]:
    """Return a number of replications, or "auto"; raises ArgumentError."""
    if isinstance(value, str) and value == "auto":
        return "auto"
    try:
        return whole_number("replications", value)
    except ArgumentError as error:
        rule = f"{value_text(value)} is neither a whole number from 1 to {MOST['replications']:,} nor auto"
        digits = value.replace(",", "") if isinstance(value, str) else ""
        rule += f"; write {digits}" if digits != value and digits.isdecimal() else ""
        raise ArgumentError("replications", rule) from error


def chance_of(name: str, value: object) -> float:
    """Return a share above 0% and below 100%, also from text such as "80%"; raises ArgumentError."""
    try:
        share = float(parse_share(value))
    except UnitError as error:
        raise ArgumentError(name, f"{value_text(value)}, {error}") from error
    if not 0.0 < share < 1.0:
        raise ArgumentError(name, f"{value_text(value)} is not a share between 0% and 100%")
    return share


def amount_of(name: str, value: object, above_zero: bool = False) -> float:
    """Return a finite number, which may have to be above zero; raises ArgumentError."""
    try:
        number = float(value) if not isinstance(value, str | bool) else math.nan  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or (above_zero and number <= 0):
        raise ArgumentError(name, f"{value_text(value)} is not a number{' above 0' if above_zero else ''}")
    return number


def day_of(name: str, value: object, example: str = "2027-06-30", words: tuple[str, ...] = ()) -> date | str:
    """Return a date, also from text such as "2027-04-01", or one of `words`; raises ArgumentError."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date) or (isinstance(value, str) and value in words):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]  # what is no text raises
    except (TypeError, ValueError) as error:
        also = f", nor {' or '.join(words)}" if words else ""
        raise ArgumentError(name, f"{value_text(value)} is not a date like {example}{also}") from error


def names_of(name: str, value: object) -> tuple[str, ...]:
    """Return names as a tuple, a single one as a tuple of one; raises ArgumentError."""
    if isinstance(value, str):
        return (value,)
    found = tuple(value) if isinstance(value, Iterable) and not isinstance(value, bytes) else (value,)
    for each in found:
        if not isinstance(each, str):
            raise ArgumentError(name, f"{value_text(each)} is not a name; write names in quotes, as a list")
    return found


def text_of(name: str, value: object) -> str:
    """Return a text; raises ArgumentError."""
    if not isinstance(value, str):
        raise ArgumentError(name, f"{value_text(value)} is not a name; write it in quotes")
    return value


def truth_of(name: str, value: object) -> bool:
    """Return True or False; raises ArgumentError for what is neither, 1 and 0 too."""
    if type(value).__name__ not in ("bool", "bool_"):
        raise ArgumentError(name, f"{value_text(value)} is neither True nor False")
    return bool(value)


def numbers_of(name: str, value: object, most: int) -> list[int]:
    """Return whole numbers from 0 on as a list, a single one as a list of one; raises ArgumentError."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        return [whole_number(name, value, 0, most)]
    return [whole_number(name, each, 0, most) for each in value]


def engine_of(value: object) -> str:
    """Return the name of an engine, or auto; raises ArgumentError."""
    if not isinstance(value, str) or value not in (AUTO_ENGINE, *ENGINES):
        there_are = ", ".join((AUTO_ENGINE, *ENGINES))
        raise ArgumentError("engine", f"no engine is called {value_text(value)}; there are: {there_are}")
    return str(value)
