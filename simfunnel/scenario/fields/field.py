"""What every field of a scenario is made of: the frozen base model, the marks belief and lever, and single values.

A single value is parsed by one function that says, when it fails, what rule the value breaks and what to write
instead (`FieldError`); pydantic only collects these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationInfo,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from simfunnel import units
from simfunnel.scenario.ranges.ranges import Span
from simfunnel.units import significant

EARLIEST, LATEST = date(1980, 1, 1), date(2150, 1, 1)
LARGEST_WHOLE = 1_000_000
LARGEST_NUMBER = 1e15
LONGEST_HOURS = 1000 * 8760.0  # a thousand years

SYMBOLS = {"$": "USD CAD AUD NZD SGD HKD MXN", "€": "EUR", "£": "GBP", "¥": "JPY CNY"}  # currencies that use the sign

T = TypeVar("T")
M = TypeVar("M", bound="Model")
Block = dict[str, Any] | list[Any]  # plain values, as typed


class FieldError(ValueError):
    """A value breaks a rule; `remedy` says what to write, `at_key` that the fault lies in the key."""

    def __init__(self, rule: str, remedy: str, *, path: tuple[str | int, ...] = (), at_key: bool = False) -> None:
        super().__init__(f"{rule}; {remedy}")
        self.rule = rule
        self.remedy = remedy
        self.path = path  # below the field that raised, when the fault lies deeper
        self.at_key = at_key


@contextmanager
def refused_at(*path: str | int, at_key: bool = False) -> Iterator[None]:
    """Raise what the block refuses as a FieldError at a path below the field."""
    try:
        yield
    except (FieldError, units.UnitError) as error:
        raise FieldError(error.rule, error.remedy, path=path, at_key=at_key) from None


class Readings:
    """What the blocks of a scenario were read as, by the block itself.

    Plans share every block that they do not change, so a block is read once however many what-ifs a file holds. Once
    `closed` nothing is added, so that what-ifs leave nothing behind.
    """

    def __init__(self) -> None:
        self.closed = False
        self.currency = ""  # in which amounts were read
        self._found: dict[tuple[type[Model], int], tuple[Block, Model]] = {}
        self._without_range: dict[int, Block] = {}

    def hold_in(self, currency: str) -> bool:
        """Return whether they hold for a scenario in a currency: that of the first."""
        self.currency = self.currency or currency
        return self.currency == currency

    def of(self, kind: type[M], block: Block) -> M | None:
        """Return what this very block was read as; None when it has not been read as such a model."""
        typed, found = self._found.get((kind, id(block)), (None, None))
        return found if typed is block and isinstance(found, kind) else None

    def keep(self, block: Block, found: Model) -> None:
        """Note what a block was read as."""
        if not self.closed:
            self._found[type(found), id(block)] = block, found

    def has_no_range(self, block: Block) -> bool:
        """Return whether this very block is known to hold no text that may be a range."""
        return self._without_range.get(id(block)) is block

    def keep_without_range(self, block: Block) -> None:
        """Note a block that holds no text that may be a range."""
        if not self.closed:
            self._without_range[id(block)] = block

    def __getstate__(self) -> tuple[bool, str, list[tuple[Block, Model]], list[Block]]:
        return self.closed, self.currency, list(self._found.values()), list(self._without_range.values())

    def __setstate__(self, state: tuple[bool, str, list[tuple[Block, Model]], list[Block]]) -> None:
        self.closed, self.currency, found, without_range = state
        self._found = {(type(model), id(block)): (block, model) for block, model in found}
        self._without_range = {id(block): block for block in without_range}


class Model(BaseModel):
    """A part of a scenario: frozen, and no key passes unnoticed.

    `short_form` names the field that a bare value stands for. `ways` lists groups of keys that replace each other:
    who types a key of one way in a what-if or over `extends` drops the keys of the other ways.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    short_form: ClassVar[str | None] = None
    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = ()

    @model_validator(mode="wrap")
    @classmethod
    def _read_once(cls, typed: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        readings: Readings | None = (info.context or {}).get("readings")
        block = typed if isinstance(typed, dict) else None
        found = readings.of(cls, block) if readings is not None and block is not None else None
        if found is None:
            found = handler(typed if isinstance(typed, Mapping | Model) else cls.spelt_out(typed))
            found.check_fields()
            if readings is not None and block is not None:
                readings.keep(block, found)
        return found

    def check_fields(self) -> None:
        """Refuse fields that cannot stand together, by a FieldError; where nothing is said, all can."""

    @classmethod
    def spelt_out(cls, bare: Any) -> Any:
        """Return the block that a bare value stands for, where there is a short form."""
        return bare if cls.short_form is None else {cls.short_form: bare}


def filled(part: M, values: Mapping[str, Any]) -> M:
    """Copy `part` with inherited values, which do not count as typed; what `part` worked out stays behind."""
    copy = part.model_copy()
    for name in copy.__dict__.keys() - type(part).model_fields.keys():
        del copy.__dict__[name]
    copy.__dict__.update(values)
    return copy


def lever(words: str, *examples: Any, default: Any = ..., alias: str | None = None) -> Any:
    """Declare a field that can be changed in reality; `words` tell the planner, without default it is required."""
    return _field("lever", words, examples, default, alias)


def belief(words: str, *examples: Any, default: Any = ..., alias: str | None = None) -> Any:
    """Declare a field that says how the world is; in a what-if it means that today is really so."""
    return _field("belief", words, examples, default, alias)


def fact(words: str, *examples: Any, default: Any = ..., alias: str | None = None) -> Any:
    """Declare a field that frames the study (period, currency, target ...); a what-if cannot change it, `--set` can."""
    return _field("fact", words, examples, default, alias)


def _field(mark: str, words: str, examples: tuple[Any, ...], default: Any, alias: str | None) -> Any:
    extra: dict[str, Any] = {"x-simfunnel": mark}
    return Field(default=default, alias=alias, description=words, examples=list(examples), json_schema_extra=extra)


def either(*groups: str) -> tuple[frozenset[str], ...]:
    """Group keys that replace each other: each argument is one way, its keys separated by spaces."""
    return tuple(frozenset(group.split()) for group in groups)


# --- single values ---------------------------------------------------------------------------------------------------


def refuse_shape(value: object, what: str, form: str) -> None:
    """Raise when `value` is no text or number, so that parsers see only what they can read."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldError(f"is not {what}", f"write e.g. {form}")


def _by_units(parse: Callable[[Any], T], what: str, form: str) -> Callable[[object], T]:
    def read(value: object) -> T:
        if isinstance(value, units.Duration | units.Volume | units.MoneyRate):
            return value  # type: ignore[return-value]  # already parsed: a default or a copy
        refuse_shape(value, what, form)
        return parse(value)

    return read


def number(
    low: float = -LARGEST_NUMBER, high: float = LARGEST_NUMBER, *, above: bool = False
) -> Callable[[object], float]:
    """Make a reader of a plain number in [low, high], or (low, high] when `above`."""

    def read(value: object) -> float:
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise FieldError("is not a number", "write a number, e.g. 60 or 0.5") from None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise FieldError("is not a number", "write a number, e.g. 60 or 0.5")
        return _within(float(value), low, high, above)

    return read


def _within(value: float, low: float, high: float, above: bool) -> float:
    if value < low or (above and value == low):
        raise FieldError(f"is {'not above' if above else 'below'} {significant(low, 6)}", _allowed(low, high, above))
    if value > high:
        raise FieldError(f"is above {significant(high, 6)}", _allowed(low, high, above))
    return value


def _allowed(low: float, high: float, above: bool) -> str:
    if high == LARGEST_NUMBER:
        return f"write a number {'above' if above else 'of at least'} {significant(low, 6)}"
    if low == -LARGEST_NUMBER:
        return f"write a number of at most {significant(high, 6)}"
    return f"allowed: {'above ' if above else ''}{significant(low, 6)} to {significant(high, 6)}"


def rate(low: float, high: float) -> Callable[[object], float]:
    """Make a reader of a percentage, or of a number up to 1 (`0.1`), such as yearly growth; above 1 it needs its %."""

    def read(value: object) -> float:
        if isinstance(value, str) and value.strip().endswith("%"):
            sign = -1.0 if value.strip().startswith("-") else 1.0
            value = sign * units.parse_share(value.strip().lstrip("+-"), allow_above=True)
            return _within(value, low, high, False)
        bare = number(-LARGEST_NUMBER)(value)
        if bare > 1.0:
            percent = units.share_text(bare / 100.0)
            raise FieldError(f"is above 1 without a %, and would mean {units.share_text(bare)}", f"write {percent}")
        return _within(bare, low, high, False)

    return read


def counted(read: Callable[[object], float]) -> Callable[[object], float]:
    """Make a reader of so many things, which asks where `1.000` may mean one or a thousand."""

    def asked(value: object) -> float:
        text = value if isinstance(value, str) else units.text_of(value) if isinstance(value, float) else ""
        with refused_at():
            units.refuse_two_readings(text)
        return read(value)

    return asked


def whole(low: int, high: int = LARGEST_WHOLE) -> Callable[[object], int]:
    """Make a reader of a whole number in [low, high]."""

    def read(value: object) -> int:
        exact = counted(number())(value)
        if exact != int(exact):
            raise FieldError("is not a whole number", f"write a whole number, e.g. {max(low, round(exact))}")
        if not low <= exact <= high:
            rule = f"is below {low}" if exact < low else f"is above {high:,}"
            raise FieldError(rule, f"allowed: {low} to {high:,}")
        return int(exact)

    return read


def above_zero(read: Callable[[object], float], what: str) -> Callable[[object], float]:
    """Make a reader that also refuses zero."""

    def checked(value: object) -> float:
        result = read(value)
        if result <= 0:
            raise FieldError(f"is not a {what} above zero", f"write a {what} above zero, or leave the line out")
        return result

    return checked


def read_date(value: object) -> date:
    """Read a calendar date as YYYY-MM-DD, between 1980 and 2150."""
    if isinstance(value, date):
        return value
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise FieldError("is not a date", "write year-month-day, e.g. 2027-01-04")
    if not EARLIEST <= day < LATEST:
        raise FieldError(f"lies outside {EARLIEST.year} to {LATEST.year}", "write a date of the years you plan for")
    return day


def read_money(value: object, info: ValidationInfo) -> float:
    """Read an amount of money of zero or more, in the scenario's currency."""
    refuse_shape(value, "an amount of money", "9k")
    _refuse_currency(value, info)
    return units.parse_money(value)


def read_money_rate(value: object, info: ValidationInfo) -> units.MoneyRate:
    """Read a cost per time, in the scenario's currency."""
    if isinstance(value, units.MoneyRate):
        return value
    refuse_shape(value, "a cost per time", "75k / year")
    _refuse_currency(str(value).partition("/")[0], info)
    found = units.parse_money_rate(value)
    if found.amount > units.LARGEST_MONEY:
        raise FieldError("is above 1,000,000,000,000", "write at most 1,000,000M")
    return found


def read_duration(value: object) -> units.Duration:
    """Read a duration of at most a thousand years."""
    found = _by_units(units.parse_duration, "a duration", "4 hours or 2 business days")(value)
    if found.hours() > LONGEST_HOURS:
        raise FieldError("is longer than 1,000 years", "write a shorter time")
    return found


def _refuse_currency(value: object, info: ValidationInfo) -> None:
    typed, currency = units.currency_in(value), (info.context or {}).get("currency")
    if typed is not None and currency is not None and currency not in SYMBOLS.get(typed, typed):
        raise FieldError(f"is not in {currency}", f"write all amounts in the scenario's currency, {currency}")


def read_text(value: object) -> str:
    """Read a text on one line, not empty, of at most 300 characters; numbers are taken as typed."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldError("is not a text", "write one line of text, in quotes if it holds a colon")
    text = str(value).strip()
    if not text or len(text) > 300 or not text.isprintable():
        raise FieldError("is empty, too long or not printable", "write one line of text, at most 300 characters")
    return text


@dataclass(frozen=True, eq=False)
class Reads:
    """Annotation of a single value: how it is parsed, and what an editor's schema says of it."""

    parse: Callable[..., Any]
    schema: Mapping[str, Any]
    in_context: bool = False  # parse also takes pydantic's ValidationInfo, for the folder and the currency
    span: Span | None = None  # a range may be typed instead
    items: Reads | None = None  # reader of the values of a table

    @property
    def number(self) -> Span:
        """The kind of number that it reads, of one that takes a range."""
        assert self.span is not None
        return self.span

    def read(self, value: Any, context: Mapping[str, Any]) -> Any:
        """Parse a value outside of a model, with the folder and the currency of its scenario."""
        return self.parse(value, SimpleNamespace(context=context)) if self.in_context else self.parse(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if self.in_context:
            return core_schema.with_info_plain_validator_function(self.parse)
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema) if self.span is None else or_range(self.schema)


RANGE = {"type": "string", "pattern": r"\S\s+to\s+\S", "title": "range, e.g. 25% to 35%"}


def or_range(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a value in whose place a range may stand."""
    kinds = schema.get("type", ())
    if "string" in (kinds if isinstance(kinds, list) else [kinds]):
        return dict(schema)
    return {"anyOf": [*schema.get("anyOf", [dict(schema)]), RANGE]}


def quantity(form: str, *, numbers: bool = True) -> dict[str, Any]:
    """Return the JSON Schema of a value with a unit, with the form an editor should show."""
    return {"type": ["string", "number"] if numbers else "string", "title": form}


def limited(low: float, high: float) -> Reads:
    """Make a reader of a plain number from `low` to `high`."""
    limits = {"type": "number", "minimum": low, "maximum": high}
    return Reads(number(low, high), limits, span=Span("number", low, high))


NUMBER = {"type": "number"}
WHOLE = {"type": "integer"}

Number = Annotated[float, Reads(number(), NUMBER, span=Span("number"))]
PositiveNumber = Annotated[float, Reads(number(0.0, above=True), NUMBER, span=Span("number", 0.0))]
NonNegativeNumber = Annotated[float, Reads(number(0.0), NUMBER, span=Span("number", 0.0))]
Leads = Annotated[float, Reads(counted(number(0.0)), NUMBER, span=Span("number", 0.0))]
PositiveLeads = Annotated[float, Reads(counted(number(0.0, above=True)), NUMBER, span=Span("number", 0.0))]
Correlation = Annotated[float, limited(0.0, 1.0)]
AnyCorrelation = Annotated[float, limited(-1.0, 1.0)]
Auc = Annotated[float, limited(0.5, 1.0)]
Reps = Annotated[int, Reads(whole(0, 10_000), WHOLE, span=Span("whole", 0.0))]
Count = Annotated[int, Reads(whole(0), WHOLE, span=Span("whole", 0.0))]
PositiveCount = Annotated[int, Reads(whole(1), WHOLE, span=Span("whole", 1.0))]

SHARE, FACTOR = Span("share", 0.0, 1.0), Span("factor", 0.0)
_factor, _FACTOR = _by_units(units.parse_factor, "a factor", "80% or 1.2"), quantity("factor, e.g. 80%")
_COST = quantity("cost, e.g. 75k / year", numbers=False)
_VOLUME = quantity("volume, e.g. 60 / week", numbers=False)
_volume = _by_units(units.parse_volume, "a volume", "60 / week")
Share = Annotated[float, Reads(_by_units(units.parse_share, "a share", "40%"), quantity("share, e.g. 40%"), span=SHARE)]
Factor = Annotated[float, Reads(_factor, _FACTOR, span=FACTOR)]
PositiveFactor = Annotated[float, Reads(above_zero(_factor, "factor"), _FACTOR, span=FACTOR)]
Money = Annotated[float, Reads(read_money, quantity("money, e.g. 9k"), in_context=True, span=Span("money", 0.0))]
DurationValue = Annotated[
    units.Duration, Reads(read_duration, quantity("duration, e.g. 3 days", numbers=False), span=Span("duration", 0.0))
]
VolumeValue = Annotated[units.Volume, Reads(_volume, _VOLUME, span=Span("volume", 0.0))]
MoneyRateValue = Annotated[units.MoneyRate, Reads(read_money_rate, _COST, in_context=True, span=Span("cost", 0.0))]
DateValue = Annotated[date, Reads(read_date, {"type": "string", "format": "date"})]
Text = Annotated[str, Reads(read_text, {"type": "string"})]

DEFAULT = "default"  # stands for every channel without a value of its own
NEVER = "never"
NONE = "none"
UNLIMITED = "unlimited"


def word(*words: str, means: Any) -> BeforeValidator:
    """Make a validator that takes any of `words` for the value `means`; one instance for each meaning."""
    return BeforeValidator(lambda value: means if isinstance(value, str) and value in words else value)


Off = word(NONE, means=None)  # `none` switches an optional part off
NoLimit = word(NONE, UNLIMITED, means=None)
NoneIsZero = word(NONE, means=0)
NoneIsNoTime = word(NONE, means="0 hours")
NoneIsNever = word(NONE, means=NEVER)
NoneOfThem = word(NONE, means={})
NoneInList = word(NONE, means=())


def by_channel(typed: Mapping[str, Any], read: Callable[[Any], T], what: str) -> dict[str, T]:
    """Read a table of values, one per channel with an optional `default`."""
    found: dict[str, T] = {}
    for name, value in typed.items():
        with refused_at(name):
            found[str(name)] = read(value)
    if not found:
        raise FieldError("names no channel", f"write one {what}, or one per channel")
    return found


def pairs_of(value: object) -> object:
    """Return a mapping as a tuple of (key, value) pairs, in file order; anything else unchanged."""
    return tuple(value.items()) if isinstance(value, Mapping) else value


def one_of(found: Mapping[str, object], names: tuple[str, ...]) -> list[str]:
    """Return those of `names` that are typed."""
    return [name for name in names if found.get(name) is not None]
