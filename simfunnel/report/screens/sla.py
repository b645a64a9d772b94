"""The screen of an agreement: how likely it is kept, why not, and what could be promised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from simfunnel.plan.model import Clause
from simfunnel.report import words
from simfunnel.report.screens import frame
from simfunnel.report.terminal import Grid, Page, Row, table
from simfunnel.stats import KeepableRange
from simfunnel.study import BreachCause, Chance, ClauseKept, SlaResult
from simfunnel.units import significant

CAUSES = {name.removeprefix("sla_breaches_"): words for name, words in words.BREACHES.items()}
_UNJUDGED = "no month can be judged"
SHOWN_DIGITS = 2  # of what is promised; rounded so that it promises less


def sla_screen(result: SlaResult, width: int = 100, colour: bool = False) -> str:
    """Write an agreement as a page of text, at most `width` columns."""
    page = frame.headed(result.scenario, result.replications, result.warnings, width, colour)
    if result.plan != "today":
        page.line("", f"Of the plan {result.plan}.", 0)
    grid = _kept(result)
    without_months = Grid(grid.columns[:4], tuple(row[:4] for row in grid.rows))
    page.grid(*page.fitting(([grid], [without_months])))
    page.blank()
    _causes(page, result)
    page.blank()
    _promises(page, result)
    page.blank()
    judged = "whole calendar months, chances with their 95% interval"
    most = max((each.months_judged for each in result.clauses), default=0.0)
    fewer = [each for each in result.clauses if not each.at_once and each.months_judged < most - 0.05]
    months = [f"{each.name} in {words.figure(each.months_judged, finest=-1)} of {most:.0f}" for each in fewer]
    if months:
        judged += f"; {', '.join(months)}: in the others leads are still open, or there are none"
    if at_once := ", ".join(each.name for each in result.clauses if each.at_once):
        judged += f"; {at_once} once for the whole period"
    page.line("JUDGED", judged)
    frame.note_warnings(page, result.warnings)
    frame.note_again(page, result)
    return page.text()


def _kept(result: SlaResult) -> Grid:
    """Show how likely each clause is kept in a month, in all of them, and month by month where it is judged so."""
    months = next(([label for label, _ in each.by_month] for each in result.clauses if each.by_month), [])
    rows: list[Row] = []
    for each in result.clauses:
        promise = promise_text(each, each.clause.low, each.clause.high, result.scenario.currency)
        month = words.UNKNOWN if each.at_once else chance_text(each.month)
        by_month = [by_month_text([share for _, share in each.by_month])] if months else []
        rows.append((each.name, promise, month, chance_text(each.year), *by_month))
    if len(rows) > 1:
        rows.append(("all clauses", "", chance_text(result.month), chance_text(result.year), *([""] if months else [])))
    heads = ["CLAUSE", "promises", "kept in a month", "in all months"]
    if months:
        first, last = (f"{date(2000, int(label[-2:]), 1):%b}" for label in (months[0], months[-1]))
        heads.append(f"{first} ... {last}")
    return table(heads, rows, left=(0, 1, 4))


def by_month_text(shares: Sequence[float]) -> str:
    """Draw a block a month, full where the clause is always kept; a dot where it is too early to say.

    >>> by_month_text([1.0, 0.5, 0.0, math.nan])
    '█▅▁·'
    """
    top = len(words.BARS) - 1
    return "".join("·" if math.isnan(share) else words.BARS[round(top * share)] for share in shares)


def chance_text(chance: Chance) -> str:
    """Write a chance with its interval.

    >>> chance_text(Chance(0.92, 0.913, 0.934)), chance_text(Chance(0.0, 0.0, 0.018))
    ('92% (91 to 93)', '0% (0 to 1.8)')
    >>> chance_text(Chance(0.998, 0.97, 0.9999)), chance_text(Chance(0.001, 0.0, 0.03))
    ('over 99% (97 to 100)', '0.1% (0 to 3.0)')
    """
    if math.isnan(chance.share):
        return "too early to say"
    low, high = (words.percent(end).removesuffix("%") for end in (chance.low, chance.high))
    told = words.percent(chance.share)
    if 0 < chance.share < 1 and told in ("0%", "0.0%", "100%"):  # what happened once is neither never nor always
        told = "over 99%" if chance.share > 0.5 else "under 1%"
    return f"{told} ({low} to {high})"


def promise_text(each: ClauseKept, low: float, high: float, currency: str) -> str:
    """Say what a clause promises between two ends, either of which may be open."""
    a, b = (quantity(end, each.unit, currency, by_clock(each.clause)) for end in (low, high))
    if math.isinf(low):
        text = f"at most {b}"
    elif math.isinf(high):
        text = f"at least {a}"
    else:
        text = f"{a} to {b}"
    if each.clause.metric == "mqls" and each.clause.side == "marketing":
        return f"{text} a month"
    if each.clause.metric == "response" and each.clause.side == "sales":
        return f"{text.removeprefix('at least ')} within {each.clause.promise}"  # as it is typed
    return text


def by_clock(clause: Clause) -> bool:
    """Tell whether the hours of a promised metric are elapsed ones; else they are working hours or hours of work."""
    return clause.metric.startswith("response_") and not clause.metric.startswith("response_working")


def quantity(number: float, unit: str, currency: str, elapsed: bool = True) -> str:
    """Write a number in its unit; `elapsed`: its hours are those of the clock.

    >>> quantity(0.75, "hours", "USD"), quantity(80.0, "hours", "USD", elapsed=False)
    ('45 min', '80 working h')
    """
    if not math.isfinite(number):
        return words.UNKNOWN
    if unit == "hours":
        scale = words.time_scale(number, working=not elapsed)
        return f"{_plain(number / scale.factor)}{'' if elapsed else ' working'}{scale.suffix}"
    if unit.startswith("money"):
        return words.money(number, currency)
    if unit == "share":
        return f"{words.figure(100 * number, finest=-1).removesuffix('.0')}%"
    return _plain(number)


def _plain(number: float) -> str:
    return words.figure(number, finest=-1 if abs(number) < 100 else 0).removesuffix(".0")


# --- why not ---------------------------------------------------------------------------------------------------------


def _causes(page: Page, result: SlaResult) -> None:
    """Write how often each clause is broken, and because of what."""
    broken = [(each.name, each.causes) for each in result.clauses if each.causes]
    if not broken:
        said = "No clause was broken." if result.year.share == 1 else "No month of a clause was broken."
        page.line("", "Nothing could be judged." if math.isnan(result.year.share) else said, 0)
        return
    if len(broken) > 1:
        broken.append(("all clauses", result.causes))
    rows = []
    for name, causes in broken:
        often = sum(each.mean for each in causes)
        told = words.figure(often, finest=-1) if often >= 0.095 else significant(often, 1)
        rows.append((name, told, cause_text(causes)))
    heads = ("BROKEN", f"months a {frame.year_word(result.scenario)}", "because of, in % of them")
    page.grid(table(heads, rows, left=(0, 2)))


def cause_text(causes: Sequence[BreachCause]) -> str:
    """List causes by rank with their shares of the breaches; each with +/- where there is any."""
    parts = []
    for each in causes:
        share = words.figure(100 * each.share, 100 * each.share_half_width)
        width = words.plus_minus(100 * each.share_half_width) if each.share_half_width > 0 else ""
        parts.append(f"{CAUSES[each.cause]} {share} {width}".rstrip())
    return ", ".join(parts)


# --- what could be promised -------------------------------------------------------------------------------------------


def _promises(page: Page, result: SlaResult) -> None:
    """Write what each clause could promise alone and beside the others, or how many years would tell."""
    wanted, word = significant(100 * result.confidence, 6), frame.year_word(result.scenario)
    page.line("", f"What can be promised for all months of {wanted} in 100 {word}s, with 95% certainty:", 0)
    if all(each.alone is None for each in result.clauses):
        few = f"{result.replications} {word}s" if result.replications != 1 else f"one {word}"
        more = f"{few}, too few: --replications {result.needed}"
        page.line("", f"nothing yet: {_UNJUDGED if math.isnan(result.year.share) else more}", 2)
        return
    together = any(each.together is not None for each in result.clauses)
    rows = []
    for each in result.clauses:
        found = (each.alone, each.together) if together else (each.alone,)
        rows.append((each.name, *(offer_text(each, one, result.scenario.currency, word) for one in found)))
    heads = ("PROMISE", "this clause alone", *(("all clauses at once",) if together else ()))
    page.grid(table(heads, rows, left=(0, 1, 2)))
    if not together:
        page.line("", f"for all clauses at once: --replications {result.needed} or more", 2)


def offer_text(each: ClauseKept, found: KeepableRange | None, currency: str, word: str) -> str:
    """Write a range that can be kept, its ends rounded so that it promises less, not more; `word`: a period's."""
    if found is None:
        return _UNJUDGED if math.isnan(each.year.share) else f"judged in too few {word}s"
    low, high = _offered(each, found.low, -1), _offered(each, found.high, 1)
    if not (math.isfinite(low) or math.isfinite(high)):
        return "too early to say"
    if each.unit == "share" and low in (0.0, -math.inf) and high in (1.0, math.inf):
        return f"nothing, it can be {0 if low == 0 else 100}%"
    return promise_text(each, low, high, currency)


def _offered(each: ClauseKept, end: float, side: int) -> float:
    """Round an end of a range as it is offered; a duration in the unit that it is shown in."""
    factor = words.time_scale(end, working=not by_clock(each.clause)).factor if each.unit == "hours" else 1.0
    return rounded_away(end / factor, each.unit, side) * factor


def rounded_away(number: float, unit: str, side: int) -> float:
    """Round a number to about two digits (a share to whole percents, below 10% to tenths), down or up by `side`.

    >>> rounded_away(0.0417, "share", -1), rounded_away(563.0, "count", 1), rounded_away(0.628, "share", -1)
    (0.041, 570.0, 0.62)
    """
    if not math.isfinite(number) or number == 0:
        return number
    place = math.floor(math.log10(abs(number))) - SHOWN_DIGITS + 1
    if unit == "share":
        place = -3 if abs(number) < 0.1 else -2
    steps = number / 10.0**place
    whole = math.floor(steps + 1e-9) if side < 0 else math.ceil(steps - 1e-9)
    return round(whole * 10.0**place, max(0, -place) + 2)
