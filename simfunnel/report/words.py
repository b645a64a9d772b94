"""Planners' words and figures: the only place that turns code words and floats into what people read.

Figures are rounded to what their half-width allows: to its first digit, or to its first two when it begins with 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from simfunnel.metrics import TABLE, causes_of

UNKNOWN = "-"
MINUS = "-"

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}

BARS = "▁▂▃▄▅▆▇█"
EIGHTHS = " ▏▎▍▌▋▊▉"

NOT_DETECTED = "no detectable difference"

VERDICTS: Mapping[str, str] = {
    "better": "BETTER",
    "worse": "WORSE",
    "higher": "HIGHER",
    "lower": "LOWER",
    NOT_DETECTED: "no detectable",
}

# the first event in which a lead's life differs between two plans, as it follows "lost a win" or "gained one":
# what merely differs, what is less, later or worse in the plan, and what is more, sooner or better
_BECAUSE: Mapping[str, tuple[str, str, str]] = {
    "score": ("judged otherwise by the score", "no longer an MQL, or later", "an MQL now, or sooner"),
    "quality": ("lead of other quality", "lead of lower quality", "lead of higher quality"),
    "leak": ("lost in the hand-off", "no longer lost in the hand-off", "lost in the hand-off"),
    "hand-off": ("after another hand-off", "handed off later or never", "handed off sooner"),
    "acceptance": ("judged otherwise by sales", "rejected by sales", "accepted by sales"),
    "queue limit": ("queue full", "turned away, queue full", "let into the queue"),
    "patience": ("other patience", "gave up sooner", "had more patience"),
    "wait": ("answered at another time", "answered later or never", "answered sooner"),
    "follow-up": ("worked on at another time", "worked on later or never", "worked on sooner"),
    "customer": ("came back at another time", "customer's time longer", "customer's time shorter"),
    "no-show": ("no-show", "did not come to the call", "came to the call"),
    "rep": ("met another rep", "met another rep, worse for it", "met another rep, better for it"),
    "skills": ("skills of the rep", "skills of the rep, worse", "skills of the rep, better"),
    "specialised": ("specialised reps", "specialised reps, worse", "specialised reps, better"),
    "load": ("rep with other open deals", "rep with fewer open deals", "rep with more open deals"),
    "load table": ("other effect of open deals", "open deals cost more", "open deals cost less"),
    "response table": ("other effect of the first reply", "a late reply costs more", "a late reply costs less"),
    "quality odds": ("quality counts otherwise", "quality odds, worse for it", "quality odds, better for it"),
    "work": ("took another time", "took longer", "took less time"),
    "effort": ("other work per task", "more work per task", "less work per task"),
    "odds": ("other odds at the stage", "worse odds at the stage", "better odds at the stage"),
    "way out": ("left a stage otherwise", "lost for good at a stage", "kept for later at a stage"),
    "nurture": ("another turn in nurture", "nurtured longer or never", "nurtured now, or back sooner"),
    "other": ("other", "other", "other"),
}
BECAUSE: Mapping[str, str] = {
    cause: words for kind, three in _BECAUSE.items() for cause, words in zip(causes_of(kind), three, strict=True)
}

# metrics of what is lost on the way, in the order of a lead's life
LOSSES: Mapping[str, str] = {
    "near_misses": "near miss",
    "leaked": "lost in the hand-off",
    "balked": "turned away, queue full",
    "went_cold": "went cold before 1st call",
    "rejected": "rejected by sales",
    "opted_out": "opted out of nurture",
}

# leaks, in the order of a lead's life, and what repairing each means
LEAKS: Mapping[str, str] = {
    "score": "score misses who will buy",
    "near_misses": "near miss, not called",
    "leaked": "lost in the hand-off",
    "handoff": "slow hand-off",
    "balked": "turned away, queue full",
    "reps": "too few reps",
    "went_cold": "went cold before 1st call",
    "rejected": "rejected by sales",
    "judgement": "wrong leads rejected",
    "no_show": "no-shows",
    "not_nurtured": "rejected and dropped",
    "opted_out": "opted out of nurture",
}
REPAIRS: Mapping[str, str] = {
    "score": "perfect score",
    "near_misses": "near misses called too",
    "leaked": "no leaks",
    "handoff": "instant hand-off",
    "balked": "no queue limit",
    "reps": "unlimited reps",
    "went_cold": "endless patience",
    "rejected": "perfect agreement (sales accepts all)",
    "judgement": "sales judges perfectly",
    "no_show": "everybody comes",
    "not_nurtured": "the rejected are nurtured",
    "opted_out": "nobody opts out",
}
LEAK_WORSE = "A repair that loses money sends reps more work than they have time for, at the cost of other leads."
PARTS: Mapping[str, str] = {
    "selection": "who is passed on and accepted",
    "handoff": "hand-off",
    "answering": "reps and waiting",
    "follow_up": "follow-up",
}

BREACHES: Mapping[str, str] = {
    "sla_breaches_volume": "the number of leads",
    "sla_breaches_capacity": "too few reps",
    "sla_breaches_calendar": "fewer open hours",
    "sla_breaches_mix": "the kind of leads",
}


def metric_words(name: str) -> str:
    """Name a metric as planners do."""
    return TABLE[name].words


def place_of(half_width: float) -> int | None:
    """Return the power of ten of the last digit worth showing beside a half-width; None when it is unknown or zero.

    >>> place_of(0.05), place_of(30.0), place_of(14.0), place_of(0.0)
    (-2, 1, 0, None)
    """
    if not math.isfinite(half_width) or half_width <= 0:
        return None
    place = math.floor(math.log10(half_width))
    first = round(half_width / 10.0**place, 1)
    if first >= 9.5:
        return place + 1
    return place - 1 if first < 2 else place


def figure(value: float, half_width: float = math.nan, finest: int = 0, signed: bool = False) -> str:
    """Write a number with thousands marks, no digit finer than 10^`finest` or than the half-width allows.

    >>> figure(12153.4, 21.0), figure(2.84, 0.03, finest=-1), figure(-220.4, 30.2, signed=True), figure(float("nan"))
    ('12,150', '2.8', '-220', '-')
    """
    if not math.isfinite(value):
        return UNKNOWN
    place = place_of(half_width)
    last = finest if place is None else max(finest, place)
    rounded = _round(value, last)
    sign = "+" if signed and rounded > 0 else MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.{max(0, -last)}f}"


def plus_minus(half_width: float, finest: int = 0) -> str:
    """Write a half-width, rounded as the figure beside it; empty when unknown.

    >>> plus_minus(30.2), plus_minus(0.048, finest=-2), plus_minus(float("nan"))
    ('+/- 30', '+/- 0.05', '')
    """
    if not math.isfinite(half_width):
        return ""
    place = place_of(half_width)
    last = finest if place is None else max(finest, place)
    shown = _round(half_width, last) or (10.0**last if half_width > 0 else 0.0)
    return f"+/- {shown:,.{max(0, -last)}f}"


def figure_with_width(value: float, half_width: float, finest: int = 0, signed: bool = False) -> str:
    """Write a number and its half-width, both to the digit that the half-width allows.

    >>> figure_with_width(2.84, 0.03, finest=-1), figure_with_width(12.0, float("nan"))
    ('2.8 +/- 0.1', '12')
    """
    return f"{figure(value, half_width, finest, signed)} {plus_minus(half_width, finest)}".rstrip()


def _round(value: float, place: int) -> float:
    return round(value, -place) + 0.0  # + 0.0: no minus zero


class Scale(NamedTuple):
    """A step in which money is written: 1, thousands or millions."""

    factor: float
    suffix: str


ONE, THOUSAND, MILLION, BILLION = Scale(1.0, ""), Scale(1e3, "k"), Scale(1e6, "M"), Scale(1e9, "bn")


def scale_of(value: float) -> Scale:
    """Return the scale in which an amount is written in running text: 9,700 and 410k and 3.6M."""
    size = abs(value) if math.isfinite(value) else 0.0
    if size < 9_995:
        return ONE
    return THOUSAND if size < 999_500 else MILLION if size < 9_995e6 else BILLION


def table_scale(revenue: float) -> Scale:
    """Return the scale of all amounts of a table: thousands where revenue has three digits of them."""
    size = abs(revenue)
    return MILLION if size >= 1e9 else THOUSAND if size >= 1e5 else ONE


def symbol(currency: str) -> str:
    """Return a currency's sign before an amount; its code and a space when it has none."""
    return SYMBOLS.get(currency, f"{currency} ")


def money(
    value: float, currency: str, half_width: float = math.nan, signed: bool = False, scale: Scale | None = None
) -> str:
    """Write an amount in running text, at most two decimals.

    >>> money(3_591_234, "USD", 48_000), money(9_712, "USD", 130), money(-310_400, "EUR", 35_000, signed=True)
    ('$3.59M', '$9,710', '-€310k')
    """
    if not math.isfinite(value):
        return UNKNOWN
    unit = scale or scale_of(value)
    finest = -2 if unit.factor >= 1e6 else 0
    text = figure(value / unit.factor, half_width / unit.factor, finest, signed)
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    return f"{sign}{symbol(currency)}{digits}{unit.suffix if digits != '0' else ''}"


def money_with_width(
    value: float, currency: str, half_width: float, signed: bool = False, scale: Scale | None = None
) -> str:
    """Write an amount and its half-width in one scale, in running text.

    >>> money_with_width(3_591_234, "USD", 48_000), money_with_width(-310_400, "EUR", 32_000, signed=True)
    ('$3.59M +/- 0.05M', '-€310k +/- 30k')
    """
    unit = scale or scale_of(value)
    width = plus_minus(half_width / unit.factor, -2 if unit.factor >= 1e6 else 0)
    return f"{money(value, currency, half_width, signed, unit)} {width}{unit.suffix if width else ''}".rstrip()


def percent(value: float, half_width: float = math.nan, signed: bool = False) -> str:
    """Write a share in percent; one decimal only below 10% and when the half-width allows.

    >>> percent(0.934, 0.004), percent(0.0213, 0.0004), percent(float("nan"))
    ('93%', '2.1%', '-')
    """
    if not math.isfinite(value):
        return UNKNOWN
    finest = -1 if 0 < abs(value) < 0.0995 else 0
    return figure(100 * value, 100 * half_width, finest, signed) + "%"


def points(value: float, half_width: float) -> str:
    """Write a difference of shares in percentage points.

    >>> points(0.033, 0.002), points(-0.31, 0.012)
    ('+3.3 pt', '-31 pt')
    """
    if not math.isfinite(value):
        return UNKNOWN
    return figure(100 * value, 100 * half_width, -1 if abs(value) < 0.0995 else 0, signed=True) + " pt"


SECOND, MINUTE, HOUR, DAY = Scale(1 / 3600, " s"), Scale(1 / 60, " min"), Scale(1.0, " h"), Scale(24.0, " days")


def time_scale(hours: float, working: bool = False) -> Scale:
    """Return the unit that fits a duration; of working time at most hours, for a working day has no fixed length.

    >>> [time_scale(hours).suffix for hours in (0.004, 0.2, 3.0, 100.0)], time_scale(100.0, working=True).suffix
    ([' s', ' min', ' h', ' days'], ' h')
    """
    size = abs(hours)
    if not math.isfinite(size) or 0.95 <= size < 72 or (working and size >= 72):
        return HOUR
    if size >= 72:
        return DAY
    return SECOND if 0 < size < 0.95 / 60 else MINUTE


def hours(value: float, half_width: float = math.nan, working: bool = False) -> str:
    """Write a duration in the unit that reads best; one that is not zero is never written as zero.

    >>> hours(0.004), hours(0.2), hours(3.42, 0.05), hours(100.0, 3.0), hours(100.0, 3.0, working=True)
    ('14 s', '12 min', '3.4 h', '4.2 days', '100 h')
    >>> hours(0.0), hours(0.00001), hours(0.003, 1.0)
    ('0 min', 'under 1 s', '11 s')
    """
    if not math.isfinite(value):
        return UNKNOWN
    if 0 < abs(value) < SECOND.factor / 2:
        return "under 1 s"
    scale = time_scale(value, working)
    text = in_time(value, scale, half_width)
    rounded_away = value != 0 and not set(text) & set("123456789")  # by a half-width of many times the duration
    return (in_time(value, scale) if rounded_away else text) + scale.suffix


def in_time(value: float, scale: Scale, half_width: float = math.nan, signed: bool = False) -> str:
    """Write a duration as a bare figure in a unit.

    >>> in_time(0.05, MINUTE, 0.01, signed=True), in_time(-3.42, HOUR, signed=True)
    ('+3.0', '-3.4')
    """
    tenths = abs(value) / scale.factor < 10 and (signed or scale.factor >= 1)
    return figure(value / scale.factor, half_width / scale.factor, -1 if tenths else 0, signed)


def hours_with_width(value: float, half_width: float, working: bool = False, signed: bool = False) -> str:
    """Write a duration with its half-width, in the unit that fits the larger of the two.

    >>> hours_with_width(3.42, 0.05), hours_with_width(0.0041, 0.0003), hours_with_width(-0.2, 0.02, signed=True)
    ('3.4 +/- 0.1 h', '14.8 +/- 1.1 s', '-12.0 +/- 1.2 min')
    """
    if not math.isfinite(value):
        return UNKNOWN
    scale = time_scale(max(abs(value), half_width if math.isfinite(half_width) else 0.0), working)
    return figure_with_width(value / scale.factor, half_width / scale.factor, -1, signed) + scale.suffix


def heads(mean: float) -> str:
    """Write the reps of a team on average, or that there is no limit to them.

    >>> heads(4.0), heads(2.5), heads(math.inf)
    ('4', '2.5', 'unlimited')
    """
    return "unlimited" if mean == math.inf else figure(mean, finest=-1).removesuffix(".0")


def of_hundred(share: float) -> str:
    """Write a chance as planners say it: how many of 100 years (or periods)."""
    return UNKNOWN if not math.isfinite(share) else f"{100 * share:.0f}"


def sparkline(values: list[float]) -> str:
    """Draw one block character a value, from zero up."""
    top = max([value for value in values if math.isfinite(value)], default=0.0)
    if top <= 0:
        return ""
    steps = len(BARS) - 1
    heights = [min(max(value, 0.0), top) / top if math.isfinite(value) else 0.0 for value in values]
    return "".join(BARS[round(steps * height)] for height in heights)


def bar(value: float, top: float, width: int) -> str:
    """Draw a bar from zero, `width` characters long at the `top`; nothing of what is not above zero.

    >>> bar(3.0, 4.0, 2), bar(-1.0, 4.0, 2)
    ('█▌', '')
    """
    if not math.isfinite(value) or value <= 0 or top <= 0:
        return ""
    eighths = round(8 * width * value / top)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def span(days: int) -> str:
    """Name a replication of so many days: a year, or a period."""
    return "year" if 360 <= days <= 372 else "period"


def simulated(n: int, word: str) -> str:
    """Count replications: 50 simulated years."""
    return f"{n:,} simulated {word}{'' if n == 1 else 's'}"


def day_text(day: date) -> str:
    """Write a date as people do: 4 Jan 2027."""
    return f"{day.day} {day:%b %Y}"


def month_text(month: str) -> str:
    """Write a month's name as people do.

    >>> month_text("2027-01"), month_text("2027-01-04"), month_text("P1 FY27/28")
    ('Jan 2027', '4 Jan 2027', 'P1 FY27/28')
    """
    year, _, rest = month.partition("-")
    if not rest:
        return month  # of a fiscal year
    return day_text(date.fromisoformat(month)) if "-" in rest else f"{date(int(year), int(rest), 1):%b %Y}"
