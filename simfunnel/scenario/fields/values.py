"""Values that vary from lead to lead: durations, amounts of money, numbers and counts as distributions.

`{median, p90}`, `{mean, cv}` and `{mean, sd}` are lognormal (of plain numbers `{mean, sd}` is normal), `{mean}` or
`{median}` alone exponential, a bare value constant; `family` chooses another, `choices` (money: `prices`) lists
values with their shares, `never` never happens; what `none` means the field says.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from simfunnel import distributions as families
from simfunnel.distributions import Dist
from simfunnel.distributions.elementary import LN_2
from simfunnel.scenario.fields.field import (
    LARGEST_NUMBER,
    NEVER,
    NONE,
    DurationValue,
    FieldError,
    Model,
    Money,
    NoneIsNever,
    NoneIsNoTime,
    NonNegativeNumber,
    Number,
    PositiveLeads,
    Share,
    lever,
    pairs_of,
)
from simfunnel.units import LARGEST_MONEY, Duration, significant

V = TypeVar("V")

Family = Literal[
    "constant", "lognormal", "exponential", "gamma", "weibull", "uniform", "triangular", "normal", "discrete"
]
PARTS = ("value", "mean", "median", "p90", "cv", "sd", "low", "mode", "high", "choices")
FORMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "constant": (("value",),),
    "lognormal": (("median", "p90"), ("mean", "cv"), ("mean", "sd")),
    "exponential": (("mean",), ("median",)),
    "gamma": (("mean", "cv"), ("mean", "sd")),
    "weibull": (("mean", "cv"), ("mean", "sd")),
    "uniform": (("low", "high"),),
    "triangular": (("low", "mode", "high"),),
    "normal": (("mean", "sd"),),
    "discrete": (("choices",),),
}
BY_FORM = {form: family for family in ("lognormal", "exponential", "uniform", "triangular") for form in FORMS[family]}
BY_FORM |= {("value",): "constant", ("choices",): "discrete"}
EXAMPLES = {
    "constant": "the bare value",
    "lognormal": "{median: ..., p90: ...} or {mean: ..., cv: 0.8}",
    "exponential": "{mean: ...} or {median: ...}",
    "gamma": "{family: gamma, mean: ..., cv: 0.8}",
    "weibull": "{family: weibull, mean: ..., cv: 0.8}",
    "uniform": "{family: uniform, low: ..., high: ...}",
    "triangular": "{family: triangular, low: ..., mode: ..., high: ...}",
    "normal": "{mean: 8, sd: 10}",
    "discrete": "{choices: {...: 40%, ...: 60%}}",
}

_SOLVED = ("lognormal", "gamma", "weibull")  # families whose parameters follow from what is typed
_NARROWEST, _WIDEST = 0.001, 100.0  # standard deviation per mean of the families whose shape is solved

# In a file the values are keys and their shares are beside them.
AS_MAPPING = WithJsonSchema({"type": "object", "additionalProperties": {"type": ["string", "number"]}})


class Spread(Model, Generic[V]):
    """A value that varies: the parameters as typed, and their compilation to a `Dist`."""

    short_form: ClassVar[str | None] = "value"
    normal_by_sd: ClassVar[bool] = False
    positive: ClassVar[bool] = True
    endless: ClassVar[bool] = False
    highest: ClassVar[float] = LARGEST_NUMBER  # of the mean; hours, money or plain

    family: Family | None = lever("shape of the distribution, when not the usual one", "gamma", default=None)
    value: V | None = lever("the same value every time; write it bare", default=None)
    mean: V | None = lever("mean", default=None)
    median: V | None = lever("half lie below", default=None)
    p90: V | None = lever("nine of ten lie below", default=None)
    cv: NonNegativeNumber | None = lever("standard deviation / mean", 0.8, default=None)
    sd: V | None = lever("standard deviation", default=None)
    low: V | None = lever("least value (uniform, triangular)", default=None)
    mode: V | None = lever("most frequent value (triangular)", default=None)
    high: V | None = lever("largest value (uniform, triangular)", default=None)
    choices: Annotated[tuple[tuple[V, Share], ...] | None, BeforeValidator(pairs_of), AS_MAPPING] = lever(
        "values with their shares, which add up to 1", default=None
    )
    never: bool = lever("never happens; write `never`", default=False)

    @classmethod
    def spelt_out(cls, bare: Any) -> Any:
        """Return the block that one amount, or `never`, stands for."""
        if not isinstance(bare, str) or bare not in (NEVER, NONE):
            return {"value": bare}
        if not cls.endless:
            raise FieldError("is no amount", "write an amount")
        if bare == NONE:
            raise FieldError("is no time here, but `none`", "write a time, e.g. 30 days")
        return {"never": True}

    def check_fields(self) -> None:
        """Refuse parameters that describe no distribution, or one beyond all that is simulated."""
        if self.never:
            return
        form, shape = self._form(), self.shape
        if form not in FORMS[shape]:
            forms = " or ".join("{" + ", ".join(known) + "}" for known in FORMS[shape])
            rule = f"{{{', '.join(form)}}} does not describe a {shape} distribution, which takes {forms}"
            raise FieldError(rule if form else "says nothing about its size", "write e.g. " + EXAMPLES[shape])
        if self.positive and shape == "normal":
            rule = "would at times be below zero"
            raise FieldError(rule, "write {mean: ..., sd: ...} alone, or choose gamma or weibull", path=("family",))
        _check_amounts(self, form)
        if shape in _SOLVED:
            _check_moments(self)

    def _form(self) -> tuple[str, ...]:
        return tuple(part for part in PARTS if getattr(self, part) is not None)

    @property
    def shape(self) -> str:
        """Name of the family that the typed parameters mean."""
        if self.family is not None:
            return self.family
        form = self._form()
        if form == ("mean", "sd") and self.normal_by_sd:
            return "normal"
        return BY_FORM.get(form, "lognormal")

    @property
    def is_constant(self) -> bool:
        """Whether every draw is the same value."""
        return not self.never and self.shape == "constant"

    def compile(self, business_day: float = 24.0) -> Dist:
        """Return the distribution in hours (durations) or plain numbers; a working day has `business_day` hours."""
        if business_day not in self._dists:
            plain = {part: _plain(getattr(self, part), business_day) for part in PARTS if part != "choices"}
            given = {part: value for part, value in plain.items() if value is not None}
            choices = [(_plain(value, business_day) or 0.0, share) for value, share in self.choices or ()]
            dist = families.never() if self.never else _compiled(self.shape, given, choices)
            self._dists[business_day] = dist if self.never else dist._replace(working=self.working)
        return self._dists[business_day]

    @cached_property
    def _dists(self) -> dict[float, Dist]:
        """What has been compiled, by the hours of a working day: every rule asks for it."""
        return {}

    @property
    def amounts(self) -> tuple[Any, ...]:
        """Every amount typed, in the order of `PARTS`, without cv and shares."""
        single = [getattr(self, part) for part in PARTS if part not in ("cv", "choices")]
        return tuple(a for a in single if a is not None) + tuple(value for value, _ in self.choices or ())

    @property
    def working(self) -> bool:
        """Whether the durations are working time."""
        return any(amount.working for amount in self.amounts if isinstance(amount, Duration))


class DurationDist(Spread[DurationValue]):
    """A duration, elapsed or working."""

    endless: ClassVar[bool] = True


def refuse_never(spread: DurationDist) -> DurationDist:
    """Return a duration that comes to an end; FieldError for one that never does."""
    if spread.never:
        raise FieldError("never ends", "write a time, e.g. 3 days; only patience, wait and overflow may be `never`")
    return spread


Ends = AfterValidator(refuse_never)
Time = Annotated[DurationDist, Ends]
TimeOrNone = Annotated[DurationDist, NoneIsNoTime, Ends]
Wait = Annotated[DurationDist, NoneIsNoTime]
Patience = Annotated[DurationDist, NoneIsNever]


class MoneyDist(Spread[Money]):
    """An amount of money."""

    highest: ClassVar[float] = LARGEST_MONEY

    choices: Annotated[tuple[tuple[Money, Share], ...] | None, BeforeValidator(pairs_of), AS_MAPPING] = lever(
        "prices with their shares, which add up to 1", {"11k": "40%", "4k": "60%"}, default=None, alias="prices"
    )


class NumberDist(Spread[Number]):
    """A plain number, which may be negative; `{mean, sd}` is normal."""

    normal_by_sd: ClassVar[bool] = True
    positive: ClassVar[bool] = False


class CountDist(Spread[PositiveLeads]):
    """A number of things; draws are rounded to whole numbers."""


def _plain(amount: Any, business_day: float) -> float | None:
    if isinstance(amount, Duration):
        return amount.hours(business_day)
    return None if amount is None else float(amount)


def _compiled(shape: str, given: dict[str, float], choices: list[tuple[float, float]]) -> Dist:
    if shape == "discrete":
        return families.discrete([value for value, _ in choices], [share for _, share in choices])
    if shape == "constant" or given.get("cv") == 0.0 or (given.get("sd") == 0.0):
        return families.constant(given["value"] if shape == "constant" else given["mean"])
    if shape == "exponential":
        return families.exponential(given["mean"] if "mean" in given else given["median"] / LN_2)
    if shape == "normal":
        return families.normal(given["mean"], given["sd"])
    if shape == "uniform":
        return families.uniform(given["low"], given["high"])
    if shape == "triangular":
        return families.triangular(given["low"], given["mode"], given["high"])
    if "p90" in given:
        return families.lognormal(median=given["median"], p90=given["p90"])
    cv = given["cv"] if "cv" in given else given["sd"] / given["mean"]
    if shape == "gamma":
        return families.gamma(given["mean"], cv)
    if shape == "weibull":
        return families.weibull(given["mean"], cv)
    return families.lognormal(mean=given["mean"], cv=cv)


# --- rules -----------------------------------------------------------------------------------------------------------


def _check_amounts(spread: Spread[Any], form: tuple[str, ...]) -> None:
    """Refuse clocks that are mixed, amounts out of order or below zero, and shares that do not add up."""
    if len({each.working for each in spread.amounts if isinstance(each, Duration)}) > 1:
        raise FieldError("mixes elapsed and working time", "write all of its durations as working time, or none")
    size = {part: _plain(getattr(spread, part), 24.0) or 0.0 for part in form if part != "choices"}
    if spread.positive or spread.shape not in ("constant", "normal", "uniform", "triangular", "discrete"):
        for part in ("mean", "median"):
            if part in size and size[part] <= 0:
                raise FieldError("is not above zero", "write an amount above zero, or the bare value 0", path=(part,))
        for part, amount in size.items():
            if amount < 0:
                raise FieldError("is below zero", "write an amount of at least zero", path=(part,))
    if "p90" in size and size["p90"] <= size["median"]:
        remedy = "nine of ten lie below p90, five of ten below the median"
        raise FieldError("is not above the median", remedy, path=("p90",))
    if "low" in size and size["high"] <= size["low"]:
        raise FieldError("is not above `low`", "write the largest value as `high`", path=("high",))
    if "mode" in size and not size["low"] <= size["mode"] <= size["high"]:
        raise FieldError("does not lie between `low` and `high`", "write the most frequent value", path=("mode",))
    total = math.fsum(share for _, share in spread.choices) if spread.choices is not None else 1.0
    if abs(total - 1.0) > 1e-9:
        rule = f"shares add up to {significant(total, 6)}"
        raise FieldError(rule, "they must add up to 1: raise or lower one of them")


def _check_moments(spread: Spread[Any]) -> None:
    """Refuse shapes that no distribution has, and means and spreads beyond all that is simulated."""
    try:
        dist = spread.compile()
        average, deviation = families.mean(dist), families.sd(dist)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise FieldError("has a shape that cannot be computed", "write less extreme numbers") from None
    if abs(average) > spread.highest * (1 + 1e-9) or not math.isfinite(deviation):
        unit = " hours" if spread.endless else ""
        rule = f"has a mean of {significant(average, 3)}{unit}, which is beyond all that is simulated"
        raise FieldError(rule, "bring its numbers closer together, or write smaller ones")
    by_shape = spread.shape != "lognormal" and deviation > 0.0
    if by_shape and not _NARROWEST <= deviation / average * (1 + 1e-9) <= _WIDEST * (1 + 2e-9):
        times = significant(deviation / average, 3)
        rule = f"is a {spread.shape} distribution whose standard deviation is {times} times its mean"
        limits = f"{significant(_NARROWEST, 6)} to {significant(_WIDEST, 6)}"
        raise FieldError(rule, f"write {limits} times, or the bare value")
