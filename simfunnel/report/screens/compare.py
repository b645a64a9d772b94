"""The screen of a comparison."""

from __future__ import annotations

import math
from datetime import date

from simfunnel.report import words as w
from simfunnel.report.compare_view import TOO_FULL, Cell, CompareView, Row, Why
from simfunnel.report.screens.run import day_text, month_text, period_text, precision_text, provenance, split_text
from simfunnel.report.terminal import BAD, FAINT, GOOD, PLAIN, STRONG, Column, Grid, Page, in_blocks, wrapped_name
from simfunnel.report.terminal import Cell as Styled
from simfunnel.report.words import contradictions, notes
from simfunnel.stats import LEAST_YEARS
from simfunnel.study import Transition

MOST_PLANS = 4
NAME_WIDTH = 15
MONTH_LIMIT = 36
MOST_CAUSES = 3  # named on a side of WHY; what is left is summed
LEAST_CAUSE = 0.05  # of a side's leads

TONES = {"better": GOOD, "worse": BAD}


def compare_screen(view: CompareView, width: int = 100, colour: bool = False) -> str:
    """The comparison as a page of text, at most `width` columns; many plans come in several blocks."""
    page = Page(width, colour)
    word = w.span(view.first_day, view.last_day)
    page.title(view.title, f"{period_text(view.first_day, view.last_day)}, {w.simulated(view.replications, word)}")
    contradictions(page, view.warnings)
    page.line("", f"Same leads, same luck in every plan; what-ifs begin {start_words(view.start, view.first_day)}.", 0)
    page.line("", f"Columns of plans: difference to {view.base}, +/- 95%.", 0)
    page.blank()
    for block in _blocks(view, page):
        page.grid(block)
        page.blank()
    for at, why in enumerate(view.why):
        page.line("WHY" if at == 0 else "", f"{why.plan}: {why_text(why)}")
    for each in view.teams:
        page.line("SPLIT", f"{each.plan}: {split_text(each)}")
    _transitions(page, view)
    _notes(page, view)
    return page.text()


def start_words(start: str, first_day: date, or_own: str = " or their own date") -> str:
    """When what-ifs begin, in words; `or_own` where they may have dates of their own."""
    if start == "settled":
        return "long before the period: the pipeline has settled"
    day = first_day if start == "period" else date.fromisoformat(start)
    return f"on {day_text(day)}{or_own}, with today's pipeline in flight"


def _blocks(view: CompareView, page: Page) -> list[Grid]:
    for size in range(min(MOST_PLANS, len(view.plans)), 1, -1):
        grids = [_grid(view, block) for block in in_blocks(view.plans, size)]
        if all(page.fits(grid) for grid in grids):
            return grids
    return [_grid(view, block) for block in in_blocks(view.plans, 1)]


def _grid(view: CompareView, plans: tuple[str, ...]) -> Grid:
    columns = (Column("", left=True), Column(view.base), *(Column(wrapped_name(plan, NAME_WIDTH)) for plan in plans))
    places = [view.plans.index(plan) for plan in plans]
    lines: list[tuple[Styled | str, ...]] = []
    for row in view.rows:
        cells = [row.cells[place] for place in places]
        tone = STRONG if row.main else PLAIN
        lines.append(
            (Styled(_label(row, view), tone), _base(row, view), *(_difference(row, cell, view) for cell in cells))
        )
        if row.verdict:
            label = f"  better, {w.span(view.first_day, view.last_day)}s of 100"
            lines.append((label, "", *(w.of_hundred(cell.share_better) for cell in cells)))
            lines.append(("  verdict", "", *(_verdict(cell) for cell in cells)))
    return Grid(columns, tuple(lines))


def _label(row: Row, view: CompareView) -> str:
    if row.kind == "hours":
        return row.label + _time_scale(row).suffix
    if row.kind != "money":
        return row.label
    return f"{row.label}, {w.symbol(view.currency)}{_scale(view).suffix}".rstrip()


def _scale(view: CompareView) -> w.Scale:
    """The scale of all amounts: thousands where revenue has three digits of them, so that differences are whole."""
    return w.table_scale(view.revenue)


def _time_scale(row: Row) -> w.Scale:
    """The unit of a row of working time: that of the longest time in any plan."""
    times = [row.base.mean, *(row.base.mean + cell.difference.mean for cell in row.cells)]
    return w.time_scale(max((abs(time) for time in times if math.isfinite(time)), default=math.nan), working=True)


def _base(row: Row, view: CompareView) -> str:
    mean, half_width = row.base
    if row.kind == "hours":
        factor = _time_scale(row).factor
        return w.figure(mean / factor, half_width / factor, -1)
    if row.kind == "money":
        scale = _scale(view).factor
        return w.figure(mean / scale, half_width / scale)
    if row.kind == "share":
        return w.percent(mean, half_width)
    return w.figure(mean, half_width, -1 if row.kind == "months" else 0)


def _difference(row: Row, cell: Cell, view: CompareView) -> Styled:
    mean, half_width = cell.difference
    tone = TONES.get(cell.verdict, PLAIN)
    if row.kind == "months":
        return Styled(w.figure(mean, half_width, -1) + (f" ({cell.note})" if cell.note else ""), tone)
    if row.kind == "share":
        return Styled(_or_zero(w.points(mean, half_width)), tone)
    scale = {"money": _scale(view).factor, "hours": _time_scale(row).factor}.get(row.kind, 1.0)
    finest = -1 if row.kind == "hours" else 0
    text = w.figure(mean / scale, half_width / scale, finest, signed=True)
    if row.main and math.isfinite(mean):
        text = f"{text} {w.plus_minus(half_width / scale, finest)}".strip()
    return Styled(_or_zero(text), tone)


def _or_zero(text: str) -> str:
    return "0" if text in ("0.0", "0 pt", "0.0 pt", "0 +/- 0") else text


def _verdict(cell: Cell) -> Styled:
    tone = TONES.get(cell.verdict, PLAIN)
    return Styled(w.VERDICTS.get(cell.verdict, ""), tone)


def why_text(why: Why) -> str:
    """The leads' view of one plan in a sentence: the largest causes by name, the others summed; what limits revenue."""
    parts = []
    if why.lost or why.gained:
        lost = _changed("lost a win", why.lost)
        parts.append(f"of the same leads {lost}, {_changed('gained one', why.gained)}")
    if why.new_wins:
        parts.append(f"leads that only this plan has win {_few(why.new_wins)}")
    if why.gone_wins:
        parts.append(f"leads that it does without would have won {_few(why.gone_wins)}")
    text = "; ".join(parts) + "." if parts else "no lead's win depends on it."
    pool, busy = why.busiest
    if why.to_spare:
        text += f" The busiest team, {pool}, is {w.percent(busy)} busy: leads, not reps, limit revenue."
    elif busy >= TOO_FULL:
        text += f" {pool} is {w.percent(busy)} busy: that team limits revenue."
    return text


def _changed(what: str, causes: tuple[tuple[str, float], ...]) -> str:
    total = sum(count for _, count in causes)
    if not total:
        return f"none {what}"
    named = [each for each in causes[:MOST_CAUSES] if each[1] >= LEAST_CAUSE * total] or list(causes[:1])
    reasons = [f"{_few(count)} {w.BECAUSE[cause]}" for cause, count in named]
    if (rest := total - sum(count for _, count in named)) >= 0.05:
        reasons.append(f"{_few(rest)} for other causes")
    return f"{_few(total)} {what} ({', '.join(reasons)})"


def _few(count: float) -> str:
    return w.figure(count, finest=-1 if count < 9.95 else 0)


def _transitions(page: Page, view: CompareView) -> None:
    if not view.transition or view.start == "settled":
        return
    page.blank()
    scale = _scale(view)
    unit = f"{w.symbol(view.currency)}{scale.suffix}".strip()
    page.line("", f"TRANSITION: difference to {view.base} by {view.by}, {unit}", 0)
    months = [each.month for each in view.transition[0].months][:MONTH_LIMIT]
    for per_line in range(max(3, min(12, (page.width - NAME_WIDTH - 12) // 6)), 0, -1):
        grids = [_months(view, block, scale) for block in in_blocks(months, per_line)]
        if per_line == 1 or all(page.holds(grid) for grid in grids):
            for grid in grids:
                page.grid(grid)
            break
    page.blank()
    word = w.span(view.first_day, view.last_day)
    for each in view.transition:
        page.line("", f"{each.plan}, {each.metric}: {transition_text(each, view.currency, scale, word)}", 2)


def _months(view: CompareView, block: tuple[str, ...], scale: w.Scale) -> Grid:
    heads = tuple(Column(_month_heading(month, first=month == block[0])) for month in block)
    rows = tuple((wrapped_name(e.plan, NAME_WIDTH), e.metric, *_monthly(e, block, scale)) for e in view.transition)
    return Grid((Column("", left=True), Column("", left=True), *heads), rows)


def _monthly(each: Transition, months: tuple[str, ...], scale: w.Scale) -> list[str]:
    by = scale.factor
    known = [month for month in each.months if month.month in months]
    return [w.figure(month.mean / by, month.half_width / by, signed=True) for month in known]


def _month_heading(month: str, first: bool) -> str:
    name, year = month_text(month).split()[-2:]  # the heading of the table tells on which day they begin
    return f"{name}\n{year}" if first or name in ("Jan", "P1") else name


def transition_text(each: Transition, currency: str, scale: w.Scale, word: str = "year") -> str:
    """Depth and month of the trough, the month of payback and where the plan stands at the end, in a sentence.

    Where no month is told from today, it says so; with too few years to tell, that.
    """
    last = each.months[-1]
    total = w.money(last.cumulative, currency, last.cumulative_half_width, signed=True, scale=scale)
    end = f"{total} {w.money_plus_minus(last.cumulative_half_width, currency, scale)} at the end".replace("  ", " ")
    if each.years < LEAST_YEARS:
        return f"too few simulated {word}s to tell whether it falls behind; {end}."
    if not each.detected:
        return f"no detectable difference at the end of any month; {end}."
    behind = [row.month for row in each.told if row.cumulative < 0]
    if each.trough is None and behind:
        return f"detectably behind until {month_text(behind[-1])}; {end}."
    if each.trough is None:
        return f"never detectably behind; {end}."
    low = each.trough
    if low.month == last.month:
        return f"not paid back in the period; {end}."
    depth = w.money(low.depth, currency, low.half_width, signed=True, scale=scale)
    back = f"paid back by {month_text(each.payback_month)}" if each.payback_month else "not paid back in the period"
    return f"lowest at {depth} after {month_text(low.month)}, {back}; {end}."


def _notes(page: Page, view: CompareView) -> None:
    page.blank()
    smallest = w.money(view.smallest_detectable, view.currency, view.smallest_detectable)
    if math.isfinite(view.smallest_detectable):
        page.line("", f"Smallest revenue difference this run could see (in 8 of 10 tries): {smallest}.", 0)
    if len(view.plans) > 1:
        page.line("", f"Verdicts adjusted for {len(view.plans)} plans (Holm).", 0)
    if view.assumed:
        page.line("ASSUMED", f"{view.assumed} inputs are assumed, not typed: simfunnel check {view.file} lists them")
    notes(page, view.warnings)
    if text := precision_text("The widest revenue difference has", " of today's revenue", view.precision):
        page.line("", Styled(text, FAINT), 0)
    page.line("", Styled(provenance(view.seed, view.replications, view.engine), FAINT), 0)
