"""Durations, volumes, money, shares and changes as a planner types them with a unit: parsed, and printed back.

Every `parse_*` raises `UnitError` with the rule that is broken and the form that would be right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

HOURS: Final[dict[str, float]] = {
    "second": 1.0 / 3600.0,
    "minute": 1.0 / 60.0,
    "hour": 1.0,
    "day": 24.0,
    "week": 168.0,
    "month": 365.0 / 12.0 * 24.0,
    "quarter": 365.0 / 4.0 * 24.0,
    "year": 8760.0,
}
"""Elapsed hours of one unit: a month is 365/12 days, a quarter 365/4, a year 365."""

WORKING_DAYS_PER_WEEK: Final = 5
LARGEST_MONEY: Final = 1e12

_ABBREVIATIONS = {
    **{"s": "second", "sec": "second", "secs": "second", "min": "minute", "mins": "minute", "m": "minute"},
    **{"h": "hour", "hr": "hour", "hrs": "hour", "d": "day", "w": "week", "wk": "week", "wks": "week"},
    **{"y": "year", "yr": "year", "yrs": "year", "mo": "month", "mos": "month"},
    **{"q": "quarter", "qtr": "quarter", "qtrs": "quarter"},
}
_WORKING_WORDS = ("working", "business")
_WORKING_UNITS = ("second", "minute", "hour", "day", "week")
_SCALES = {"": 0, "k": 3, "m": 6, "mn": 6, "b": 9, "bn": 9}
_SYMBOLS = "$€£¥"
_HIGHEST_BARE_FACTOR = 10.0
_TWO_READINGS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")

_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|\.)?(?:[eE][+-]?\d+)?"
_AMOUNT = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<rest>.*)", re.DOTALL)
_SCALED = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<scale>[kK]|[mM]n?|[bB]n?|)")
_PERCENT = re.compile(rf"(?P<number>{_NUMBER})\s*%")
_CODE = rf"[{_SYMBOLS}]|(?<![A-Za-z])[A-Z]{{3}}(?![A-Za-z])"
_CURRENCY = re.compile(rf"(?P<before>{_CODE})?\s*(?P<amount>.*?)\s*(?P<after>{_CODE})?")
_RATE = re.compile(r"(?P<amount>.+?)\s*(?:/|\bper\b|\ban?\b)\s*(?P<unit>[A-Za-z ]+)", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2}|\d{4,})(?![\d.,])")
_IN_WORDS = re.compile(r"(?<=\d)\s*(?:percent|per cent|pct\.?|prozent)\b", re.IGNORECASE)
_HOURS_AND_MINUTES = re.compile(r"\b(\d{1,3})\s*h(?:ours?)?\s*(\d{1,2})\s*(?:m|min|minutes?)?\b", re.IGNORECASE)
_RANGE = re.compile(r"(?P<low>[^-–]+?)\s*(?:\bto\b|-|–)\s*(?P<high>[^-–]+)", re.IGNORECASE)
_CHANGE = re.compile(
    r"(?P<amount>[-+.\d]\S*?)(?P<percent>\s*%)?\s+(?P<way>more|fewer|less|times)|(?P<factor>[-+.\d]+)x", re.IGNORECASE
)


_Reader = Callable[[str], float | None]


class UnitError(ValueError):
    """A text that is no such quantity: `rule` says what is wrong, `remedy` what to write."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(f"{rule}; {remedy}")
        self.rule = rule
        self.remedy = remedy


class AsTyped(float):
    """A number with the text that was typed for it: `1.000` is 1, unless it stands for a thousand."""

    text: str

    def __new__(cls, text: str) -> AsTyped:
        """Make the number that a text means, which keeps the text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]
        return (self.text,)


def text_of(number: float) -> str:
    """Write a number as it was typed, else in full."""
    return number.text if isinstance(number, AsTyped) else repr(number)


def refuse_two_readings(text: str, after: str = "") -> None:
    """Raise when an amount is one number with a point for decimals and another with a point between thousands.

    Only 1 to 3 digits, not beginning with 0, a point and exactly three digits can be read in both ways; `after` is what
    stands behind the number.
    """
    number = text.strip()
    if _TWO_READINGS.fullmatch(number) is None:
        return
    decimal, thousands = number_text(float(number)), number.replace(".", "")
    raise UnitError(
        f"may mean {decimal}{after}, or {thousands}{after} with a point between thousands",
        f"write {decimal}{after} or {thousands}{after}",
    )


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as typed, elapsed (`3 hours`) or in working time (`2 business days`)."""

    amount: float
    unit: str
    working: bool = False

    def hours(self, business_day: float = 24.0) -> float:
        """Return elapsed hours; or working hours, a day being `business_day` open hours and a week five such days."""
        if not self.working or self.unit not in ("day", "week"):
            parts = {"second": 3600.0, "minute": 60.0}.get(self.unit)  # divided: 90 minutes are exactly 1.5 hours
            return self.amount / parts if parts else self.amount * HOURS[self.unit]
        days = self.amount * (WORKING_DAYS_PER_WEEK if self.unit == "week" else 1)
        return days * business_day

    def __str__(self) -> str:
        word = "" if not self.working else "business " if self.unit in ("day", "week") else "working "
        return f"{number_text(self.amount)} {word}{self.unit}{'' if self.amount == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Volume:
    """So many a unit of time, as typed: `60 / week`, `40 / business day`."""

    amount: float
    unit: str
    working: bool = False

    def per_hour(self, open_days_per_week: float = 7.0) -> float:
        """Return how many an elapsed hour; a week has `open_days_per_week` business days."""
        if self.working:
            return self.amount * open_days_per_week / HOURS["week"]
        return self.amount / HOURS[self.unit]

    def __str__(self) -> str:
        return f"{amount_text(self.amount)} / {'business ' if self.working else ''}{self.unit}"


@dataclass(frozen=True, slots=True)
class MoneyRate:
    """Money a unit of time, as typed: `75k / year`."""

    amount: float
    unit: str

    @property
    def per_year(self) -> float:
        """Money in a year of 365 days, 12 months."""
        if self.unit in ("month", "quarter"):
            return self.amount * (12.0 if self.unit == "month" else 4.0)
        return self.amount * (HOURS["year"] / HOURS[self.unit])

    def __str__(self) -> str:
        return f"{amount_text(self.amount)} / {self.unit}"


@dataclass(frozen=True, slots=True)
class Change:
    """A change relative to what stands in the scenario: "2 more" adds, "10% less" multiplies."""

    kind: str  # "add" or "multiply"
    amount: float

    def apply(self, old: float) -> float:
        """Return the new value."""
        return old + self.amount if self.kind == "add" else old * self.amount

    def __str__(self) -> str:
        if self.kind == "multiply":
            return f"{number_text(self.amount)} times"
        return f"{number_text(abs(self.amount))} {'fewer' if self.amount < 0 else 'more'}"


def number_text(x: float) -> str:
    """Write the shortest text that reads back as the same number.

    >>> number_text(24000.0), number_text(0.5), number_text(1e-05)
    ('24000', '0.5', '0.00001')
    """
    return str(int(x)) if abs(x) < 1e15 and x == int(x) else _plain(Decimal(repr(float(x))))


def significant(x: float, digits: int, form: str = "") -> str:
    """Write a number to so many significant digits, without an exponent; `form`: "+" and "," as in format().

    >>> significant(184.2, 2), significant(0.00001234, 2), significant(2945000.0, 4, "+,"), significant(0.5, 6)
    ('180', '0.000012', '+2,945,000', '0.5')
    """
    return _plain(Decimal(f"{x:.{digits}g}"), form)


def rounded(x: float, digits: int = 12) -> float:
    """Round to so many significant digits; to twelve, so that three steps of 0.1 are 0.3.

    >>> rounded(3 * 0.1), rounded(1234.5, 2)
    (0.3, 1200.0)
    """
    return float(f"{x:.{digits}g}")


def whole_or_exact(x: float) -> int | float:
    """Round to twelve digits, a whole number to an int."""
    exact = rounded(x)
    return int(exact) if exact == int(exact) and abs(exact) < 1e15 else exact


def typed_text(amount: object) -> str:
    """Write an amount, a number or a quantity, as the text of a key."""
    return amount_text(amount) if isinstance(amount, int | float) else str(amount)


def _plain(number: Decimal, form: str = "") -> str:
    """Write a number in plain notation, where that is not longer than anybody reads."""
    if not number.is_finite():
        return str(float(number))
    return f"{number:{form}f}" if -20 < number.adjusted() < 18 else f"{number:{form}}".lower()


def amount_text(x: float) -> str:
    """Write a number as `number_text` has it, with a further digit where the point could stand between thousands.

    >>> amount_text(1.125), amount_text(1.25)
    ('1.1250', '1.25')
    """
    return with_one_reading(number_text(x))


def with_one_reading(text: str) -> str:
    """Write a number in digits with a decimal point, a further one where the point could stand between thousands."""
    return f"{text}0" if _TWO_READINGS.fullmatch(text) else text


def retyped(value: object) -> str | None:
    """Return a text as it would be read, if it has a decimal comma, a % in words or hours and minutes; None for others.

    >>> retyped("30,5%"), retyped("4,2M"), retyped("45 percent"), retyped("3h30"), retyped("1,000"), retyped("many")
    ('30.5%', '4.2M', '45%', '210 minutes', None, None)
    """
    if not isinstance(value, str):
        return None
    found = _IN_WORDS.sub("%", _DECIMAL_COMMA.sub(r"\1.\2", value.strip()))
    found = _HOURS_AND_MINUTES.sub(lambda both: f"{60 * int(both[1]) + int(both[2])} minutes", found)
    return found if found != value.strip() else None


def _remedy(value: object, usual: str) -> str:
    better = retyped(value)
    return usual if better is None else f"write {better}"


def share_text(share: float) -> str:
    """Write a share as a percentage that reads back as the same number.

    >>> share_text(0.024), share_text(1.0)
    ('2.4%', '100%')
    """
    percent = (Decimal(repr(float(share))) * 100).normalize()
    return f"{_plain(percent)}%"


def parse_duration(value: object) -> Duration:
    """Parse a duration of zero or more; the text must name its unit.

    >>> parse_duration("15m"), parse_duration("2 business days")
    (Duration(amount=15.0, unit='minute', working=False), Duration(amount=2.0, unit='day', working=True))
    """
    if isinstance(value, Duration):
        return value
    remedy = "write a number and a unit, such as 15m, 4h, 3 days or 2 business days"
    if _is_number(value) or (isinstance(value, str) and _read_number(value.strip()) is not None):
        bare = value.strip() if isinstance(value, str) else repr(value)
        raise UnitError("a duration needs a unit", f"write {bare} minutes, {bare} hours or {bare} days")
    match = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    amount = _read_number(match["number"]) if match else None
    if match is None or amount is None:
        raise UnitError("this is not a duration", remedy)
    unit, working = _parse_unit(match["rest"], remedy)
    _refuse_negative(amount, "a duration")
    if working and unit not in _WORKING_UNITS:
        raise UnitError(f"working time has no {unit}s", "write business days or business weeks")
    return Duration(amount, unit, working)


def parse_volume(value: object) -> Volume:
    """Parse so many a unit of time; 0 and `none` need none.

    >>> parse_volume("1,000/month"), str(parse_volume("40 per business day"))
    (Volume(amount=1000.0, unit='month', working=False), '40 / business day')
    """
    if isinstance(value, Volume):
        return value
    if value == "none" or (_is_number(value) and value == 0) or (isinstance(value, str) and value.strip() == "0"):
        return Volume(0.0, "week")
    remedy = "write a number and a unit of time, such as 60 / week, 1000 / month or 40 / business day"
    amount, unit, working = _parse_rate(value, _read_scaled, "a volume", remedy)
    if working and unit != "day":
        raise UnitError(f"a volume cannot be per working {unit}", "write it per business day, or per elapsed time")
    return Volume(amount, unit, working)


def parse_volume_range(value: object) -> tuple[Volume, Volume]:
    """Parse the lowest and the highest volume of "450 to 750 / month"."""
    remedy = "write the lowest, the highest and a unit of time, such as 450 to 750 / month"
    match = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    ends = _RANGE.fullmatch(match["amount"]) if match else None
    if match is None or ends is None:
        raise UnitError("this is not a range of volumes", remedy)
    low = parse_volume(f"{ends['low']} / {match['unit']}")
    high = parse_volume(f"{ends['high']} / {match['unit']}")
    if low.amount > high.amount:
        raise UnitError("the lowest volume is above the highest", "swap the two numbers")
    return low, high


def parse_money(value: object) -> float:
    """Parse an amount of money of zero or more, without its currency (see `currency_in`).

    >>> parse_money("24k"), parse_money("5.2M"), parse_money("$1,200")
    (24000.0, 5200000.0, 1200.0)
    """
    text, _ = _split_currency(value)
    given = _is_number(value) and not isinstance(value, AsTyped)  # by a program: nobody typed it
    amount = _decimal(text) if given else _read_scaled(text)
    if amount is None:
        raise UnitError("this is not an amount of money", _remedy(value, "write a number, such as 1200, 24k or 5.2M"))
    _refuse_negative(amount, "an amount of money")
    if amount > LARGEST_MONEY:
        raise UnitError("an amount of money cannot be above 1,000,000,000,000", "write at most 1,000,000M")
    return amount


def currency_in(value: object) -> str | None:
    """Return the currency symbol or three-letter code typed with money or a money rate; None if there is none.

    >>> currency_in("$9k"), currency_in("9k EUR / year"), currency_in("9k")
    ('$', 'EUR', None)
    """
    rate = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    return _split_currency(rate["amount"] if rate else value)[1]


def parse_money_rate(value: object) -> MoneyRate:
    """Parse money a unit of time.

    >>> parse_money_rate("75k / year").per_year
    75000.0
    """
    if isinstance(value, MoneyRate):
        return value
    remedy = "write money and a unit of time, such as 75k / year or 6,000 / month"
    amount, unit, working = _parse_rate(
        value, lambda text: _read_scaled(_split_currency(text)[0]), "money over time", remedy
    )
    if working:
        raise UnitError("a cost cannot be per business day", remedy)
    return MoneyRate(amount, unit)


def parse_share(value: object, *, allow_above: bool = False) -> float:
    """Parse a share from 0 to 1, typed as `40%` or 0.4; `allow_above` takes more than the whole too.

    >>> parse_share("2.4%"), parse_share(0.4)
    (0.024, 0.4)
    """
    share = _read_share(value)
    if share is None:
        remedy = _remedy(value, "write a percentage, such as 40%, or a number from 0 to 1")
        raise UnitError("this is not a share", remedy)
    _refuse_negative(share, "a share")
    if share > 1.0 and not allow_above:
        forgotten = _is_bare(value) and share <= 100.0
        remedy = f"write {number_text(share)}%" if forgotten else "write a percentage from 0% to 100%"
        raise UnitError("a share cannot be above 1", remedy)
    return share


def parse_factor(value: object) -> float:
    """Parse a factor around 1, typed as `120%` or 1.2; a bare number above 10 is taken for a forgotten % and refused.

    >>> parse_factor("85%"), parse_factor(1.1)
    (0.85, 1.1)
    """
    factor = _read_share(value)
    if factor is None:
        raise UnitError("this is not a factor", "write a percentage, such as 120%, or a number, such as 1.2")
    _refuse_negative(factor, "a factor")
    if factor > _HIGHEST_BARE_FACTOR and _is_bare(value):
        both = f"write {number_text(factor)}% or {share_text(factor)}"
        remedy = both if factor <= 1000.0 else "write a percentage, e.g. 120%"
        raise UnitError(f"a factor of {number_text(factor)} is too large without a %", remedy)
    return factor


def parse_change(value: object) -> Change:
    """Parse a relative override: "2 more", "3 fewer", "10% less", "20% more", "1.5 times", "1.5x".

    >>> parse_change("2 more").apply(5), parse_change("10% less").apply(200.0)
    (7.0, 180.0)
    """
    match = _CHANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    amount = _decimal((match["amount"] or match["factor"]).strip()) if match else None
    if match is None or amount is None:
        raise UnitError("this is not a change", "write 2 more, 3 fewer, 10% less, 20% more or 1.5 times")
    _refuse_negative(amount, "the size of a change")
    way = (match["way"] or "times").lower()
    if way == "times":
        return Change("multiply", _of_percent(amount) if match["percent"] else amount)
    sign = 1 if way == "more" else -1
    if not match["percent"]:
        return Change("add", sign * amount)
    if sign * amount < -100.0:
        raise UnitError("nothing can become more than 100% less", "write at most 100% less")
    return Change("multiply", _of_percent(100.0 + sign * amount))


def is_change(value: object) -> bool:
    """Return whether `value` is a number with more, fewer, less or times: a relative override, right or wrong."""
    return isinstance(value, str) and _CHANGE.fullmatch(value.strip()) is not None


def _parse_unit(text: str, remedy: str) -> tuple[str, bool]:
    words = text.strip().split()
    working = len(words) > 1 and words[0].lower() in _WORKING_WORDS
    name = words[-1] if words else ""
    if len(words) != (2 if working else 1):
        raise UnitError(f"{text.strip()!r} is not a unit of time" if words else "the unit of time is missing", remedy)
    if name == "M":
        raise UnitError("M may mean minutes or months", "write minutes or months")
    unit = name.lower()
    unit = _ABBREVIATIONS.get(unit, unit.removesuffix("s"))
    if unit not in HOURS:
        raise UnitError(f"{name!r} is not a unit of time", remedy)
    return unit, working


def _parse_rate(value: object, read: _Reader, what: str, remedy: str) -> tuple[float, str, bool]:
    if isinstance(value, AsTyped):
        refuse_two_readings(value.text)
    if _is_number(value) or (isinstance(value, str) and read(value.strip()) is not None):
        raise UnitError(f"{what} needs a unit of time", remedy)
    match = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    amount = read(match["amount"]) if match else None
    if match is None or amount is None:
        raise UnitError(f"this is not {what}", remedy)
    _refuse_negative(amount, what)
    return amount, *_parse_unit(match["unit"], remedy)


def _split_currency(value: object) -> tuple[str, str | None]:
    if _is_number(value):
        return text_of(value), None  # type: ignore[arg-type]  # _is_number
    match = _CURRENCY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or (match["before"] and match["after"]):
        return "", None
    return match["amount"], match["before"] or match["after"]


def _read_share(value: object) -> float | None:
    if _is_number(value):
        return _read_number(repr(value))
    if not isinstance(value, str):
        return None
    match = _PERCENT.fullmatch(value.strip())
    return _scaled(match["number"], -2) if match else _read_number(value.strip())


def _read_scaled(text: str) -> float | None:
    """Read an amount with its k, M or B; UnitError when its point may part thousands."""
    match = _SCALED.fullmatch(text)
    if match is not None:
        refuse_two_readings(match["number"], match["scale"])
    return _decimal(text)


def _decimal(text: str) -> float | None:
    """Read an amount with its k, M or B, its point a decimal point."""
    match = _SCALED.fullmatch(text)
    return _scaled(match["number"], _SCALES[match["scale"].lower()]) if match else None


def _scaled(number: str, power: int) -> float | None:
    """Return the float nearest to number x 10^power; in decimals, so that 2.4% is the same float as 0.024."""
    try:
        value = float(Decimal(number.replace(",", "")).scaleb(power))
    except (InvalidOperation, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _of_percent(percent: float) -> float:
    return float(Decimal(number_text(percent)).scaleb(-2))


def _read_number(text: str) -> float | None:
    return _scaled(text, 0) if re.fullmatch(_NUMBER, text) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_bare(value: object) -> bool:
    return _is_number(value) or (isinstance(value, str) and not value.strip().endswith("%"))


def _refuse_negative(amount: float, what: str) -> None:
    if amount < 0.0:
        raise UnitError(f"{what} cannot be negative", "write a number of zero or more")
