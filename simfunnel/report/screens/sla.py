"""The screen of an agreement: how likely it is kept, why not, and what could be promised."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simfunnel.plan.model import Clause
from simfunnel.report import words as w
from simfunnel.report.run_view import period_days
from simfunnel.report.screens.run import period_text, provenance
from simfunnel.report.terminal import FAINT, Cell, Column, Grid, Page
from simfunnel.report.words import contradictions, notes
from simfunnel.stats import KeepableRange
from simfunnel.study import BreachCause, Chance, ClauseKept, SlaResult
from simfunnel.units import significant

CAUSES = {name.removeprefix("sla_breaches_"): words for name, words in w.BREACHES.items()}
_UNJUDGED = "no month can be judged"
SHOWN_DIGITS = 2  # of what is promised; rounded so that it promises less


def sla_screen(result: SlaResult, width: int = 100, colour: bool = False) -> str:
    """The agreement as a page of text, at most `width` columns."""
    page = Page(width, colour)
    first, last = period_days(result.scenario)
    word = w.span(first, last)
    page.title(result.scenario.title, f"{period_text(first, last)}, {w.simulated(result.replications, word)}")
    contradictions(page, result.warnings)
    if result.plan != "today":
        page.line("", f"Of the plan {result.plan}.", 0)
    _kept(page, result)
    page.blank()
    _causes(page, result, word)
    page.blank()
    _promises(page, result, word)
    page.blank()
    _notes(page, result)
    return page.text()


def _kept(page: Page, result: SlaResult) -> None:
    rows: list[tuple[Cell | str, ...]] = [
        (each.name, promise_text(each, each.clause.low, each.clause.high, result.scenario.currency), *_chances(each))
        for each in result.clauses
    ]
    if len(rows) > 1:
        rows.append(("all clauses", "", chance_text(result.month), chance_text(result.year), ""))
    months = next((each.by_month for each in result.clauses if each.by_month), ())
    heads = [Column("CLAUSE", True), Column("promises", True), Column("kept in a month"), Column("in all months")]
    if months:
        heads.append(Column(f"{_month(months[0][0])} ... {_month(months[-1][0])}", True))
    grid = Grid(tuple(heads), tuple(row[: len(heads)] for row in rows))
    page.grid(grid if page.fits(grid) else Grid(grid.columns[:4], tuple(row[:4] for row in grid.rows)))


def _month(label: str) -> str:
    return ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][int(label[-2:]) - 1]


def _chances(each: ClauseKept) -> tuple[str, str, str]:
    month = w.UNKNOWN if each.at_once else chance_text(each.month)
    return month, chance_text(each.year), by_month_text([share for _, share in each.by_month])


def by_month_text(shares: Sequence[float]) -> str:
    """A block a month, full where the clause is always kept; a dot where it is too early to say.

    >>> by_month_text([1.0, 0.5, 0.0, math.nan])
    '█▅▁·'
    """
    top = len(w.BARS) - 1
    return "".join("·" if math.isnan(share) else w.BARS[round(top * share)] for share in shares)


def chance_text(chance: Chance) -> str:
    """A chance with its interval.

    >>> chance_text(Chance(0.92, 0.913, 0.934)), chance_text(Chance(0.0, 0.0, 0.018))
    ('92% (91 to 93)', '0% (0 to 1.8)')
    >>> chance_text(Chance(0.998, 0.97, 0.9999)), chance_text(Chance(0.001, 0.0, 0.03))
    ('over 99% (97 to 100)', '0.1% (0 to 3.0)')
    """
    if math.isnan(chance.share):
        return "too early to say"
    low, high = (w.percent(end).removesuffix("%") for end in (chance.low, chance.high))
    told = w.percent(chance.share)
    if 0 < chance.share < 1 and told in ("0%", "0.0%", "100%"):  # what happened once is neither never nor always
        told = "over 99%" if chance.share > 0.5 else "under 1%"
    return f"{told} ({low} to {high})"


def promise_text(each: ClauseKept, low: float, high: float, currency: str) -> str:
    """What a clause promises between two ends, either of which may be open."""
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
    """Whether the hours of a promised metric are elapsed ones; else they are working hours or hours of work."""
    return clause.metric.startswith("response_") and not clause.metric.startswith("response_working")


def quantity(number: float, unit: str, currency: str, elapsed: bool = True) -> str:
    """A number in its unit; `elapsed`: its hours are those of the clock.

    >>> quantity(0.75, "hours", "USD"), quantity(80.0, "hours", "USD", elapsed=False)
    ('45 min', '80 working h')
    """
    if not math.isfinite(number):
        return w.UNKNOWN
    if unit == "hours":
        scale = w.time_scale(number, working=not elapsed)
        return f"{_plain(number / scale.factor)}{'' if elapsed else ' working'}{scale.suffix}"
    if unit.startswith("money"):
        return w.money(number, currency)
    if unit == "share":
        return f"{w.figure(100 * number, finest=-1).removesuffix('.0')}%"
    return _plain(number)


def _plain(number: float) -> str:
    return w.figure(number, finest=-1 if abs(number) < 100 else 0).removesuffix(".0")


# --- why not ---------------------------------------------------------------------------------------------------------


def _causes(page: Page, result: SlaResult, word: str) -> None:
    broken = [each for each in result.clauses if each.causes]
    if not broken:
        said = "No clause was broken." if result.year.share == 1 else "No month of a clause was broken."
        page.line("", "Nothing could be judged." if math.isnan(result.year.share) else said, 0)
        return
    rows = [(each.name, _often(each.causes), cause_text(each.causes)) for each in broken]
    if len(broken) > 1:
        rows.append(("all clauses", _often(result.causes), cause_text(result.causes)))
    columns = (Column("BROKEN", True), Column(f"months a {word}"), Column("because of, in % of them", True))
    page.grid(Grid(columns, tuple(rows)))


def _often(causes: Sequence[BreachCause]) -> str:
    number = sum(each.mean for each in causes)
    return w.figure(number, finest=-1) if number >= 0.095 else significant(number, 1)


def cause_text(causes: Sequence[BreachCause]) -> str:
    """Causes by rank with their shares of the breaches; each with +/- where there is any."""
    parts = []
    for each in causes:
        share = w.figure(100 * each.share, 100 * each.share_half_width)
        width = w.plus_minus(100 * each.share_half_width) if each.share_half_width > 0 else ""
        parts.append(f"{CAUSES[each.cause]} {share} {width}".rstrip())
    return ", ".join(parts)


# --- what could be promised ------------------------------------------------------------------------------------------


def _promises(page: Page, result: SlaResult, word: str) -> None:
    wanted = significant(100 * result.confidence, 6)
    page.line("", f"What can be promised for all months of {wanted} in 100 {word}s, with 95% certainty:", 0)
    alone = any(each.alone is not None for each in result.clauses)
    together = any(each.together is not None for each in result.clauses)
    if not alone:
        few = f"{result.replications} {word}s" if result.replications != 1 else f"one {word}"
        more = f"{few}, too few: --replications {result.needed}"
        page.line("", f"nothing yet: {_UNJUDGED if math.isnan(result.year.share) else more}", 2)
        return
    heads = [Column("PROMISE", True), Column("this clause alone", True)]
    if together:
        heads.append(Column("all clauses at once", True))
    rows = tuple(
        (each.name, *(offer_text(each, found, result.scenario.currency, word) for found in (each.alone, each.together)))
        for each in result.clauses
    )
    page.grid(Grid(tuple(heads), tuple(row[: len(heads)] for row in rows)))
    if not together:
        page.line("", f"for all clauses at once: --replications {result.needed} or more", 2)


def offer_text(each: ClauseKept, found: KeepableRange | None, currency: str, word: str) -> str:
    """A range that can be kept, its ends rounded so that it promises less rather than more; `word`: a period's."""
    if found is None:
        return _UNJUDGED if math.isnan(each.year.share) else f"judged in too few {word}s"
    low, high = _offered(each, found.low, -1), _offered(each, found.high, 1)
    if not (math.isfinite(low) or math.isfinite(high)):
        return "too early to say"
    if each.unit == "share" and low in (0.0, -math.inf) and high in (1.0, math.inf):
        return f"nothing, it can be {0 if low == 0 else 100}%"
    return promise_text(each, low, high, currency)


def _offered(each: ClauseKept, end: float, side: int) -> float:
    """An end of a range as it is offered; a duration is rounded in the unit that it is shown in."""
    factor = w.time_scale(end, working=not by_clock(each.clause)).factor if each.unit == "hours" else 1.0
    return rounded_away(end / factor, each.unit, side) * factor


def rounded_away(number: float, unit: str, side: int) -> float:
    """A number to about two digits (a share to whole percents, below 10% to tenths), down or up by `side`.

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


def _notes(page: Page, result: SlaResult) -> None:
    page.line("JUDGED", f"whole calendar months, chances with their 95% interval{_months(result.clauses)}")
    notes(page, result.warnings)
    page.line("", Cell(provenance(result.seed, result.replications, result.engine), FAINT), 0)


def _months(clauses: Sequence[ClauseKept]) -> str:
    most = max((each.months_judged for each in clauses), default=0.0)
    fewer = [each for each in clauses if not each.at_once and each.months_judged < most - 0.05]
    told = ", ".join(f"{each.name} in {w.figure(each.months_judged, finest=-1)} of {most:.0f}" for each in fewer)
    text = f"; {told}: in the others leads are still open, or there are none" if fewer else ""
    at_once = [each.name for each in clauses if each.at_once]
    return text + (f"; {', '.join(at_once)} once for the whole period" if at_once else "")
