"""The teams: who works which stages for which channels, how many, how they share the work and what they cost."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from simfunnel.scenario.fields.calendars import CalendarSpec
from simfunnel.scenario.fields.field import (
    DEFAULT,
    NEVER,
    NONE,
    Count,
    DateValue,
    DurationValue,
    FieldError,
    Model,
    MoneyRateValue,
    NoLimit,
    NoneInList,
    NoneIsZero,
    NoneOfThem,
    NonNegativeNumber,
    Off,
    PositiveFactor,
    Reads,
    Reps,
    Share,
    Text,
    belief,
    lever,
    quantity,
    read_duration,
    whole,
)
from simfunnel.scenario.fields.stages import LoadTable
from simfunnel.scenario.ranges.ranges import Span
from simfunnel.units import Duration

SELLING_TIME = 0.5
RAMP_START = 0.3


def read_reps(value: object) -> int | Literal["unlimited"]:
    """Read a whole number of reps, or `unlimited`."""
    if value == "unlimited":
        return "unlimited"
    try:
        return whole(0, 10_000)(value)
    except FieldError as error:
        raise FieldError(error.rule, f"{error.remedy}, or unlimited") from None


def read_change_of_heads(value: object) -> int:
    """Read a whole number of reps who join, negative when they leave, never 0."""
    found = whole(-10_000, 10_000)(value)
    if found == 0:
        raise FieldError("changes nothing", "write how many join, or -1 for one who leaves")
    return found


def read_after(value: object) -> Duration | Literal["never"]:
    """Read a duration, or `never` for teams that never help each other."""
    if value == NEVER:
        return "never"
    if value == NONE:
        raise FieldError("may mean at once or never", "write 0 minutes or never; `overflow: none` for no overflow")
    return read_duration(value)


OverflowTime = Annotated[
    Duration | Literal["never"],
    Reads(read_after, quantity("duration or never, e.g. 2 working hours", numbers=False), span=Span("duration", 0.0)),
]
RepCount = Annotated[
    int | Literal["unlimited"],
    Reads(read_reps, {"anyOf": [{"type": "integer", "minimum": 0}, {"const": "unlimited"}]}, span=Span("whole", 0.0)),
]
HeadChange = Annotated[int, Reads(read_change_of_heads, {"type": "integer"}, span=Span("whole"))]


class Skill(Model):
    """Odds of advancing and time per task against an ordinary rep; what is not typed is filled from `default`."""

    odds: PositiveFactor | None = lever("odds of advancing, against 1", 1.3, default=None)
    time: PositiveFactor | None = lever("time per task, against 100%", "80%", default=None)

    def filled_from(self, other: Skill | None) -> Skill:
        """Return this skill with what it does not type from `other`, else 1."""
        odds = self.odds if self.odds is not None or other is None else other.odds
        time = self.time if self.time is not None or other is None else other.time
        return Skill.model_construct(odds=1.0 if odds is None else odds, time=1.0 if time is None else time)


class Hire(Model):
    """Reps who join or leave on a day."""

    on: DateValue = lever("first day on (or off) the headcount", "2027-03-01")
    reps: HeadChange = lever("how many join; negative: leave", 1)
    ramp: Annotated[DurationValue | None, Off] = lever(
        "time until a new rep is fully productive", "3 months", default=None
    )
    start_at: Share | None = lever("productivity on the first day; 100% without a ramp, else 30%", "30%", default=None)

    def check_fields(self) -> None:
        """Refuse ramps of reps who leave, starts without a ramp, and ramps that start from nothing."""
        if self.reps < 0 and (self.ramp is not None or self.start_at is not None):
            raise FieldError("ramps reps who leave", "drop ramp and start_at", path=("reps",))
        if self.start_at is not None and self.ramp is None and self.start_at < 1.0:
            raise FieldError("is typed without a ramp", "add ramp, e.g. ramp: 3 months", path=("start_at",))
        if self.ramp is not None and self.ramp.working:
            raise FieldError("is working time", "ramps run in calendar days: write e.g. 3 months", path=("ramp",))
        if self.ramp is not None and self.ramp.amount > 0 and self.start_at == 0:
            raise FieldError(
                "leaves a new rep without any work", "write a share above 0%, e.g. 30%", path=("start_at",)
            )

    @property
    def productivity_at_start(self) -> float:
        """Productivity on the first day: typed, else 30% with a ramp and 100% without."""
        if self.start_at is not None:
            return self.start_at
        return 1.0 if self.ramp is None else RAMP_START


class Overflow(Model):
    """When waiting first contacts may also be taken by other teams."""

    short_form: ClassVar[str | None] = "after"

    after: OverflowTime = lever("wait after which other teams may help, or never", "2 working hours")
    to: tuple[Text, ...] | None = lever(
        "teams that help, in order; all, by name, when not typed", ["chat"], default=None
    )


class Load(Model):
    """What many open leads per rep do to odds and effort."""

    strength: NonNegativeNumber = belief("power to which the factors are raised; 0 is off", 1, default=1.0)
    odds: LoadTable | None = belief(
        "odds of advancing by open leads per rep; linear between, flat outside", {"10": 1.0, "25": 0.7}, default=None
    )
    effort: LoadTable | None = belief("effort by open leads per rep", {"10": 1.0, "25": 1.2}, default=None)


class Pool(Model):
    """A team: the stages and channels it serves, its reps, and how they share the work."""

    stages: tuple[Text, ...] = lever("stages that this team works", ["discovery"])
    channels: tuple[Text, ...] | None = lever("channels that it serves; all when not typed", ["website"], default=None)
    reps: RepCount = lever("reps at the run-in's start, or unlimited", 5)
    calendar: Annotated[CalendarSpec | None, Off] = lever(
        "its opening hours, where they differ from the scenario's", {"hours": "08:00-20:00"}, "always", default=None
    )
    selling_time: Share | None = lever(
        "share of opening hours that reps spend on tasks; 50% when not typed", "60%", default=None
    )
    structure: Literal["pooled", "dedicated", "hybrid"] = lever(
        "one queue, a team per channel, or teams that help each other out (overflow)", "pooled", default="pooled"
    )
    teams: dict[str, Reps] | None = lever(
        "heads per channel, when dedicated or hybrid; by load when not typed", {"chat": 2, "website": 3}, default=None
    )
    routing: Literal["shared queue", "round robin", "random"] = lever(
        "who gets a new lead: whoever is free, each rep in turn, or a rep by lot",
        "shared queue",
        default="shared queue",
    )
    discipline: Literal["fifo", "newest first", "highest score first"] = lever(
        "which new lead is called first", "fifo", default="fifo"
    )
    open_deals: Literal["first", "last", "in turn"] = lever(
        "place of later tasks against new leads", "first", default="first"
    )
    ownership: Literal["pool", "rep"] = lever(
        "rep: who takes the deal keeps it; pool: any rep of the team goes on", "rep", default="pool"
    )
    overflow: Annotated[Overflow | None, Off] = lever(
        "when teams help each other (hybrid)", {"after": "2 working hours"}, default=None
    )
    queue_limit: Annotated[Count | None, NoLimit] = lever(
        "most new leads that may wait; more are turned away", 20, default=None
    )
    specialised: Annotated[dict[str, Skill], NoneOfThem] = lever(
        "what a dedicated rep gains on the own channel's leads, by channel or default",
        {"default": {"odds": 1.15, "time": "90%"}},
        default={},
    )
    hires: Annotated[tuple[Hire, ...], NoneInList] = lever(
        "reps who join or leave later", [{"on": "2027-03-01", "reps": 1}], default=()
    )
    cost_per_rep: Annotated[MoneyRateValue | None, Off] = lever("cost of one rep", "75k / year", default=None)
    commission: Annotated[Share, NoneIsZero] = lever("share of won value paid to the rep who wins", "8%", default=0.0)
    load: Annotated[Load | None, Off] = belief("what many open leads do to a rep", default=None)

    def serves(self, stage: str, channel: str) -> bool:
        """Return whether this pool works leads of `channel` at `stage`."""
        return stage in self.stages and (self.channels is None or channel in self.channels)

    @property
    def hires_by_date(self) -> list[tuple[int, Hire]]:
        """The hires in order of dates, each with its position in the list."""
        return sorted(enumerate(self.hires), key=lambda pair: pair[1].on)

    @property
    def selling_share(self) -> float:
        """Share of opening hours spent on tasks: typed, else 50%."""
        return SELLING_TIME if self.selling_time is None else self.selling_time

    def specialised_for(self, channel: str) -> Skill:
        """Return what a rep dedicated to `channel` gains there, filled from `default`, else 1."""
        return self.specialised.get(channel, Skill()).filled_from(self.specialised.get(DEFAULT))

    def check_fields(self) -> None:
        """Refuse a team without time to sell, and names given twice."""
        if self.selling_time is not None and self.selling_time <= 0:
            raise FieldError("leaves no time to sell", "write a share above 0%, e.g. 50%", path=("selling_time",))
        for field, names in (("stages", self.stages), ("channels", self.channels or ())):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise FieldError(f"names {twice[0]} twice", "name it once", path=(field,))
