"""When things happen: the reported period, and the opening hours of a team."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Any, ClassVar, Literal

from simfunnel import calendars
from simfunnel.calendars.dates import ReportingMonth, add_months, fiscal_months, fiscal_weeks
from simfunnel.scenario.fields.field import (
    DateValue,
    DurationValue,
    FieldError,
    Model,
    NoneInList,
    Off,
    PositiveCount,
    Reads,
    Text,
    either,
    fact,
    filled,
    lever,
    one_of,
    refused_at,
)
from simfunnel.units import Duration

LONGEST_YEARS = 10
known_zone = lru_cache(maxsize=256)(calendars.check_zone)  # a look through the zone files costs milliseconds
known_country = lru_cache(maxsize=256)(calendars.check_country)
HOURS_OF_DAY = 24.0


MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


def lower_case(value: object) -> object:
    """Return a text in lower case; anything else unchanged."""
    return value.lower() if isinstance(value, str) else value


class Period(Model):
    """The days that results are about, and the run-in before them."""

    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (either("months", "weeks", "days", "end"),)

    start: DateValue = fact("first reported day", "2027-01-04")
    months: PositiveCount | None = fact("length in calendar months; 12 when no length is typed", 12, default=None)
    weeks: PositiveCount | None = fact("or length in weeks", 52, default=None)
    days: PositiveCount | None = fact("or length in days", 365, default=None)
    end: DateValue | None = fact("or the last reported day, included", "2027-12-31", default=None)
    run_in: DurationValue = fact(
        "time simulated before the first reported day so that the pipeline is full; 0 days begins empty",
        "52 weeks",
        default=Duration(52.0, "week", False),
    )

    def check_fields(self) -> None:
        """Refuse a length typed twice, and periods or run-ins that are too short or too long."""
        typed = one_of(self.__dict__, ("months", "weeks", "days", "end"))
        if len(typed) > 1:
            raise FieldError(f"types its length twice ({', '.join(typed)})", "keep one of months, weeks, days and end")
        if self.n_days < 1:
            raise FieldError("lies before the start", "write the last reported day", path=("end",))
        if self.n_days > LONGEST_YEARS * 366:
            raise FieldError(f"is longer than {LONGEST_YEARS} years", "simulate a shorter period", path=tuple(typed))
        if self.run_in.working or self.run_in.hours() > LONGEST_YEARS * 8784:
            rule = f"is working time or longer than {LONGEST_YEARS} years"
            raise FieldError(rule, "write e.g. 52 weeks", path=("run_in",))

    @property
    def n_days(self) -> int:
        """Days reported."""
        return (self.stop - self.start).days

    @property
    def stop(self) -> date:
        """The day after the last reported day."""
        if self.end is not None:
            return self.end + timedelta(days=1)
        if self.days is not None:
            return self.start + timedelta(days=min(self.days, 40_000))
        if self.weeks is not None:
            return self.start + timedelta(weeks=min(self.weeks, 6_000))
        return add_months(self.start, min(self.months or 12, 1_200))

    @property
    def run_in_days(self) -> int:
        """Whole days before the start; a part of a day counts as one."""
        return -int(-self.run_in.hours() // HOURS_OF_DAY)


def read_month(value: object) -> int:
    """Read a month typed by its name, such as apr or April, as its number."""
    name = value.strip().lower() if isinstance(value, str) else ""
    known = [number for number, month in enumerate(MONTH_NAMES, start=1) if name in (month, month[:3])]
    if not known:
        raise FieldError("is not a month", f"write one of {', '.join(month[:3] for month in MONTH_NAMES)}")
    return known[0]


MonthName = Annotated[int, Reads(read_month, {"enum": [month[:3] for month in MONTH_NAMES]})]


class FiscalYear(Model):
    """The year by which results are shown where months are: of calendar months, or of whole weeks."""

    short_form: ClassVar[str | None] = "starts"
    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (either("starts", "first_day weeks"),)

    starts: MonthName | None = fact("month whose 1st begins the fiscal year", "apr", default=None)
    first_day: DateValue | None = fact(
        "or the day that begins one; other years begin on that weekday, the one nearest to that date",
        "2027-02-01",
        default=None,
    )
    weeks: Literal["4-4-5", "4-5-4", "5-4-4"] | None = fact(
        "weeks of a quarter's three periods; a 53rd week joins the last period of the year", "4-4-5", default=None
    )

    def check_fields(self) -> None:
        """Refuse a beginning that is named twice, or in part."""
        if self.starts is not None and (self.first_day is not None or self.weeks is not None):
            raise FieldError("names its beginning twice", "keep starts, or first_day and weeks")
        if self.starts is None and self.first_day is None:
            raise FieldError("does not say when it begins", "write starts: apr, or first_day and weeks: 4-4-5")
        if self.starts is None and self.weeks is None:
            raise FieldError("has a first day but no weeks", "add weeks: 4-4-5, or write starts: apr for months")

    def months(self, start: date, stop: date) -> tuple[ReportingMonth, ...]:
        """Return the fiscal periods of [start, stop)."""
        if self.first_day is None or self.weeks is None:
            return fiscal_months(start, stop, self.starts or 1)
        return fiscal_weeks(start, stop, self.first_day, [int(each) for each in self.weeks.split("-")])


class CalendarSpec(Model):
    """Weekly opening hours, holidays and time zone; a pool's calendar inherits what it does not type."""

    short_form: ClassVar[str | None] = "always"
    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (either("always", "days hours", "windows"),)

    always: bool = lever("open round the clock, holidays included; write `calendar: always`", True, default=False)
    days: Text = lever("open weekdays", "Mon-Fri", "Mon-Thu, Sat", default="Mon-Fri")
    hours: Text = lever("opening hours of those days", "09:00-17:00", "09:00-12:00, 13:00-17:30", default="09:00-17:00")
    windows: Annotated[dict[str, Text] | None, Off] = lever(
        "or opening hours by days", {"Mon-Thu": "09:00-17:00", "Sat": "10:00-14:00"}, default=None
    )
    holidays: Annotated[Text | None, Off] = lever(
        "country code, or country-region, whose public holidays are closed", "US", "US-CA", default=None
    )
    own_holidays: Annotated[tuple[DateValue, ...], NoneInList] = lever(
        "further closed dates", ["2027-12-24"], default=()
    )
    time_zone: Text = lever("name in the IANA time zone table", "America/New_York", default="UTC")

    @classmethod
    def spelt_out(cls, bare: Any) -> Any:
        """Return the block that `always` stands for; no other bare value is a calendar."""
        return {"always": True} if bare == "always" else bare

    def check_fields(self) -> None:
        """Refuse opening hours typed twice, and days, hours, zones and countries that cannot be read."""
        if self.windows is not None and self.model_fields_set & {"days", "hours", "always"}:
            raise FieldError("types its opening hours twice", "keep `windows`, or `days` and `hours`")
        _readable(calendars.parse_hours, self.hours, ("hours",))
        _readable(calendars.parse_days, self.days, ("days",))
        _readable(known_zone, self.time_zone, ("time_zone",))
        if self.holidays is not None:
            _readable(known_country, self.holidays, ("holidays",))
        for days, hours in (self.windows or {}).items():
            _readable(calendars.parse_days, days, ("windows", days), at_key=True)
            _readable(calendars.parse_hours, hours, ("windows", days))
        if self.windows is not None:
            _readable(calendars.windows_by_day, self.windows, ("windows",))

    @cached_property
    def weekly(self) -> calendars.WeeklyWindows:
        """Opening hours of a week without holidays."""
        if self.always:
            return calendars.ALWAYS
        if self.windows is not None:
            return calendars.windows_by_day(self.windows)
        return calendars.weekly_windows(calendars.parse_days(self.days), calendars.parse_hours(self.hours))

    def filled_from(self, other: CalendarSpec) -> CalendarSpec:
        """Return this calendar with everything that it does not type taken from `other`."""
        own = self.model_fields_set
        hours = {"always", "days", "hours", "windows"}
        inherited = set(type(self).model_fields) - own
        if own & {"always", "windows"} or (own & hours and (other.always or other.windows is not None)):
            inherited -= hours
        return filled(self, {name: getattr(other, name) for name in inherited})


def _readable(parse: Callable[[Any], object], typed: object, path: tuple[str, ...], *, at_key: bool = False) -> None:
    with refused_at(*path, at_key=at_key):
        parse(typed)
