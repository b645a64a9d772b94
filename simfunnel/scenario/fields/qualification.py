"""Qualification: the score and its accuracy, thresholds and acceptance, nurture."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import TypeAdapter, ValidationError

from simfunnel.scenario.fields.field import (
    DEFAULT,
    NUMBER,
    SHARE,
    AnyCorrelation,
    Auc,
    Correlation,
    FieldError,
    Model,
    Money,
    NoneIsZero,
    NonNegativeNumber,
    Number,
    Off,
    PositiveNumber,
    Reads,
    Share,
    by_channel,
    either,
    lever,
    number,
    one_of,
    whole,
)
from simfunnel.scenario.fields.values import DurationDist, NumberDist, Patience, TimeOrNone
from simfunnel.scenario.ranges.ranges import Span
from simfunnel.units import Duration, UnitError, parse_share

Word = Literal["weak", "fair", "good", "perfect"]
CORRELATIONS: dict[str, float] = {"weak": 0.3, "fair": 0.5, "good": 0.7, "perfect": 1.0}


class Accuracy(Model):
    """How well a judgement sees true quality: a word, a correlation or an area under the ROC curve."""

    short_form: ClassVar[str | None] = "word"
    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (either("word", "correlation", "auc", "auc_among_mqls"),)

    word: Word | None = lever("weak (0.3), fair (0.5), good (0.7) or perfect (1)", "fair", default=None)
    correlation: Correlation | None = lever("or correlation with true quality within a channel", 0.5, default=None)
    auc: Auc | None = lever("or AUC of predicting a win among all leads", 0.7, default=None)
    auc_among_mqls: Auc | None = lever("or AUC of predicting a win among leads that qualify", 0.62, default=None)

    @classmethod
    def spelt_out(cls, bare: Any) -> Any:
        """Return the block that a word stands for; a bare number is no accuracy."""
        return {"word": bare} if isinstance(bare, str) else bare

    def check_fields(self) -> None:
        """Refuse no accuracy, and more than one."""
        typed = one_of(self.__dict__, ("word", "correlation", "auc", "auc_among_mqls"))
        if len(typed) != 1:
            rule = f"types accuracy {len(typed)} times ({', '.join(typed)})" if typed else "says nothing"
            raise FieldError(rule, "write one of weak, fair, good, perfect, {correlation: 0.5} and {auc: 0.7}")

    @property
    def typed_correlation(self) -> float | None:
        """The correlation that is known without the rest of the scenario; None for an AUC."""
        return CORRELATIONS[self.word] if self.word is not None else self.correlation


FAIR = Accuracy(word="fair")


class Score(Model):
    """Marketing's score: mean and standard deviation over all of today's leads before score_bias, and its accuracy."""

    mean: Number = lever("mean over all of today's leads before score_bias, in points", 50, default=50.0)
    sd: PositiveNumber = lever(
        "standard deviation over all of today's leads before score_bias, in points", 20, default=20.0
    )
    accuracy: Accuracy = lever("how well the score sees true quality", "fair", {"auc": 0.7}, default=FAIR)


_WORK: TypeAdapter[DurationDist] = TypeAdapter(TimeOrNone)


def read_threshold(value: object) -> float | dict[str, float]:
    """Read one number of points, or one per channel with an optional `default`."""
    if not isinstance(value, dict):
        return number()(value)
    return by_channel(value, number(), "number")


def read_effort(value: object) -> float | DurationDist:
    """Read a share of the task's effort (50%), or a duration, fixed or varying."""
    if isinstance(value, DurationDist):
        return value
    if (isinstance(value, str) and value.strip().endswith("%")) or isinstance(value, float):
        return float(parse_share(value))
    try:
        return _WORK.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    path = tuple(part for part in first["loc"] if isinstance(value, dict) and (part in value or part == "prices"))
    if isinstance(cause, FieldError | UnitError):
        raise FieldError(cause.rule, cause.remedy, path=(*path, *getattr(cause, "path", ())))
    raise FieldError("is not a time of work", "write a duration, e.g. 15 minutes, or a share, e.g. 25%", path=path)


Threshold = Annotated[
    float | dict[str, float],
    Reads(
        read_threshold,
        {"anyOf": [NUMBER, {"type": "object", "additionalProperties": {"type": ["number", "string"]}}]},
        span=Span("number"),
        items=Reads(number(), NUMBER, span=Span("number")),
    ),
]
AcceptanceEffort = Annotated[
    float | DurationDist,
    Reads(read_effort, {"type": ["string", "object"], "title": "duration or share, e.g. 15 minutes"}, span=SHARE),
]


class Qualification(Model):
    """The bar that a score must reach, and what happens below it."""

    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (either("threshold", "mql_rate"),)

    threshold: Threshold | None = lever(
        "points from which a lead is an MQL: one number, or one per channel",
        60,
        {"default": 60, "chat": 50},
        default=None,
    )
    mql_rate: Share | None = lever("or today's share of leads that qualify", "30%", default=None)
    near_miss: Annotated[NonNegativeNumber, NoneIsZero] = lever(
        "points below the threshold that count as a near miss", 12, default=0.0
    )
    near_miss_to: Literal["nurture", "disqualified"] = lever("where near misses go", "nurture", default="nurture")
    below_to: Literal["disqualified", "nurture"] = lever(
        "where leads further below go", "disqualified", default="disqualified"
    )

    def check_fields(self) -> None:
        """Refuse a threshold beside the rate that determines it, and a rate of nothing."""
        if self.threshold is not None and self.mql_rate is not None:
            raise FieldError(
                "is typed beside `threshold`, which it determines", "keep one of the two", path=("mql_rate",)
            )
        if self.mql_rate is not None and self.mql_rate <= 0:
            raise FieldError("lets no lead qualify", "write a share above 0%", path=("mql_rate",))

    def threshold_of(self, channel: str) -> float | None:
        """Return the typed threshold of a channel; None when an `mql_rate` is typed, or none for the channel."""
        if isinstance(self.threshold, dict):
            return self.threshold.get(channel, self.threshold.get(DEFAULT))
        return self.threshold


class Acceptance(Model):
    """Sales' own judgement at the first contact."""

    short_form: ClassVar[str | None] = "rate"

    rate: Share = lever("today's share of first contacts that sales accepts", "62%")
    accuracy: Accuracy = lever("how well sales' judgement sees true quality", "fair", {"auc": 0.75}, default=FAIR)
    agreement: AnyCorrelation | None = lever(
        "correlation of sales' judgement with the score; when not typed, that of two judges who never talk",
        0.5,
        default=None,
    )
    effort: AcceptanceEffort = lever(
        "work on a contact that is then rejected: a duration, or a share of the task's",
        "30 minutes",
        "25%",
        default=DurationDist(value=Duration(15.0, "minute", False)),
    )
    rejected_to: Literal["lost", "nurture"] = lever("where rejected leads go", "nurture", default="lost")


Cycles = Annotated[int, Reads(whole(1, 1000), {"type": "integer", "minimum": 1}, span=Span("whole", 1.0))]


class Nurture(Model):
    """The nurture programme."""

    delay: TimeOrNone = lever(
        "time in nurture before the lead is looked at again", {"median": "21 days", "p90": "60 days"}
    )
    score_lift: Annotated[NumberDist, NoneIsZero] = lever(
        "points that the score gains each time; lifts add up", {"mean": 8, "sd": 10}, default=NumberDist(value=0.0)
    )
    quality_lift: Annotated[NumberDist | None, Off] = lever(
        "standard deviations that true quality gains each time; none when not typed",
        {"mean": 0.1, "sd": 0.2},
        default=None,
    )
    opt_out: Annotated[Share, NoneIsZero] = lever("share that unsubscribes each time", "15%", default=0.0)
    cycles: Cycles = lever("times in a life that a lead may enter", 3, default=3)
    cost: Annotated[Money, NoneIsZero] = lever("cost of one stay", 4, default=0.0)
    patience: Patience = lever(
        "patience of recycled leads", {"median": "5 days"}, default=DurationDist(median=Duration(5.0, "day", False))
    )
