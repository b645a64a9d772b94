"""The screen of a comparison: plans beside today, why they differ, and how each gets there month by month."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simfunnel.metrics import EVERYTHING
from simfunnel.report import words
from simfunnel.report.screens import frame
from simfunnel.report.screens.run import split_text
from simfunnel.report.terminal import PLAIN, STRONG, Cell, Column, Grid, Page, Row, in_blocks, table, wrapped_name
from simfunnel.stats import LEAST_YEARS
from simfunnel.study import NOT_MEASURED, WHOLE, Amount, CompareResult, LeadsView, Part, Transition
from simfunnel.study.run.study import TOLD

BY_MONTH = ("revenue", "profit", "cost", "commission_cost")  # of the last two the error of profit is made
ON_SCREEN = tuple(
    (metric, split)
    for metric, split in EVERYTHING
    if split == ""
    or (split == "month" and metric in BY_MONTH)
    or (metric, split) in (("busy_share", "pool"), ("sla_months_kept", "clause"), *TOLD)
)
"""What a comparison measures when only its screen is wanted: of pools how busy they are, of clauses the months kept, by
month what the transition is told by."""

SAME_COST = 0.005  # of today's revenue
TOO_FULL = 0.95
MOST_PLANS = 4
NAME_WIDTH = 15
MONTH_LIMIT = 36
MOST_CAUSES = 3  # named on a side of WHY; what is left is summed
LEAST_CAUSE = 0.05  # of a side's leads


def compare_screen(result: CompareResult, width: int = 100, colour: bool = False) -> str:
    """Write a comparison as a page of text, at most `width` columns; many plans come in several blocks."""
    scenario, base = result.scenario, result.plans[0]
    page = frame.headed(scenario, result.replications, result.warnings, width, colour)
    began = frame.start_words(result.start, scenario)
    page.line("", f"Same leads, same luck in every plan; what-ifs begin {began}.", 0)
    page.line("", f"Columns of plans: difference to {base}, +/- 95%.", 0)
    page.blank()
    plans = result.plans[1:]
    sizes = range(min(MOST_PLANS, len(plans)), 0, -1)
    for grid in page.fitting([_grid(result, block) for block in in_blocks(plans, size)] for size in sizes):
        page.grid(grid)
        page.blank()
    for at, view in enumerate(result.leads_view):
        page.line(
            "WHY" if at == 0 else "",
            f"{view.plan}: {why_text(view, result.busiest(view.plan), result.spare_time(view.plan))}",
        )
    for each in result.teams:
        page.line("SPLIT", f"{each.plan}: {split_text(each)}")
    _transitions(page, result)
    page.blank()
    if math.isfinite(result.smallest_detectable):
        smallest = words.money(result.smallest_detectable, result.scenario.currency, result.smallest_detectable)
        page.line("", f"Smallest revenue difference this run could see (in 8 of 10 tries): {smallest}.", 0)
    if len(result.plans) > 2:
        page.line("", f"Verdicts adjusted for {len(result.plans) - 1} plans (Holm).", 0)
    frame.note_assumed(page, result.scenario)
    frame.note_warnings(page, result.warnings)
    frame.note_precision(page, "The widest revenue difference has", " of today's revenue", result)
    frame.note_again(page, result)
    return page.text()


# --- plans beside today -----------------------------------------------------------------------------------------------


class _Measure(NamedTuple):
    """One line of the comparison. `kind`: money, count, share, hours or months (plans' own values, not differences).

    `main` lines show half-widths. Values are multiplied by `scale`.
    """

    label: str
    kind: str
    metric: str
    part: Part = WHOLE
    main: bool = False
    scale: float = 1.0

    def base(self, result: CompareResult) -> Amount:
        """Return the value of the base."""
        return self._scaled(result.value(self.metric, self.part))

    def difference(self, result: CompareResult, plan: str) -> Amount:
        """Return a plan's difference to the base."""
        found = result.difference(self.metric, plan, self.part)
        return NOT_MEASURED if found is None else self._scaled(Amount(found.mean, found.half_width))

    def _scaled(self, value: Amount) -> Amount:
        return Amount(value.mean * self.scale, value.half_width * self.scale)

    def unit(self, result: CompareResult) -> tuple[str, float, int]:
        """Return the label with its unit, what the figures are divided by, and their finest digit."""
        if self.kind == "hours":  # of working time, in the unit of the longest time in any plan
            base = self.base(result).mean
            times = [base, *(base + self.difference(result, plan).mean for plan in result.plans[1:])]
            longest = max((abs(time) for time in times if math.isfinite(time)), default=math.nan)
            scale = words.time_scale(longest, working=True)
            return self.label + scale.suffix, scale.factor, -1
        if self.kind == "money":
            return f"{self.label}, {_money_unit(result)}", _money_scale(result).factor, 0
        return self.label, 1.0, -1 if self.kind == "months" else 0

    def cell(self, result: CompareResult, plan: str, scale: float, finest: int) -> Cell:
        """Write a plan's difference to the base in one line."""
        difference = result.difference(self.metric, plan, self.part)
        tone = frame.TONES.get(difference.verdict if difference else "", PLAIN)
        if self.kind == "months":
            kept = result.value("sla_months_kept", plan=plan)
            worst = ""
            if kept.mean < result.value("sla_months_judged").mean:
                clauses = {name: result.value("sla_months_kept", Part(band=name), plan).mean for name in result.clauses}
                worst = min(clauses, key=lambda name: clauses[name], default="").partition(".")[2]
            return Cell(words.figure(kept.mean, kept.half_width, -1) + (f" ({worst})" if worst else ""), tone)
        mean, half_width = self.difference(result, plan)
        if self.kind == "share":
            text = words.points(mean, half_width)
        elif self.main:
            text = words.figure_with_width(mean / scale, half_width / scale, finest, signed=True)
        else:
            text = words.figure(mean / scale, half_width / scale, finest, signed=True)
        return Cell("0" if text in ("0.0", "0 pt", "0.0 pt", "0 +/- 0") else text, tone)


def _measures(result: CompareResult) -> Iterator[_Measure]:
    """Yield the lines that the result has something to say in."""

    def somewhere(metric: str) -> bool:
        return any(result.value(metric, plan=plan).mean for plan in result.plans)

    yield _Measure("REVENUE", "money", "revenue", main=True)
    if somewhere("cost"):
        yield _Measure("PROFIT", "money", "profit", main=True)
    yield _Measure("Won", "count", "wins", main=True)
    yield _Measure("MQL a month", "count", "mqls", scale=1 / frame.months_of(result.scenario))
    yield _Measure("Win rate of MQL", "share", "win_rate_of_mqls")
    for pool in result.scenario.pools:
        if not math.isnan(result.busy(pool).mean):
            yield _Measure(f"{pool} busy", "share", "busy_share", Part(pool=pool))
    yield _Measure("First reply, working", "hours", "response_working_median")
    if somewhere("went_cold"):
        yield _Measure("Went cold", "count", "went_cold")
    if result.scenario.sla is not None:
        judged = result.value("sla_months_judged").mean
        yield _Measure(f"SLA kept, months of {judged:.0f}", "months", "sla_months_kept")


def _grid(result: CompareResult, plans: Sequence[str]) -> Grid:
    rows: list[Row] = []
    for measure in _measures(result):
        label, scale, finest = measure.unit(result)
        mean, half_width = measure.base(result)
        base = words.percent(mean, half_width)
        if measure.kind != "share":
            base = words.figure(mean / scale, half_width / scale, finest)
        cells = [measure.cell(result, plan, scale, finest) for plan in plans]
        rows.append((Cell(label, STRONG if measure.main else PLAIN), base, *cells))
        if measure.metric == "revenue":
            found = [result.difference("revenue", plan) for plan in plans]
            better = (words.of_hundred(each.share_better if each else math.nan) for each in found)
            verdicts = [each.verdict if each else "" for each in found]
            told = (Cell(words.VERDICTS.get(verdict, ""), frame.TONES.get(verdict, PLAIN)) for verdict in verdicts)
            rows += [(f"  better, {frame.year_word(result.scenario)}s of 100", "", *better), ("  verdict", "", *told)]
    return table(("", result.plans[0], *(wrapped_name(plan, NAME_WIDTH) for plan in plans)), rows)


def _money_scale(result: CompareResult) -> words.Scale:
    """Return the scale of all amounts: thousands where revenue has three digits of them, so that they are whole."""
    return words.table_scale(result.value("revenue").mean)


def _money_unit(result: CompareResult) -> str:
    return f"{words.symbol(result.scenario.currency)}{_money_scale(result).suffix}".rstrip()


# --- why --------------------------------------------------------------------------------------------------------------


def why_text(view: LeadsView, busiest: tuple[str, float], spare_time: bool) -> str:
    """Say of the same leads what changed their outcome, the largest causes by name; and what limits revenue."""
    parts = []
    lost, gained = (
        sorted(((cause, float(n)) for cause, n in counts.items() if n > 0), key=lambda each: -each[1])
        for counts in (view.lost_a_win, view.gained_a_win)
    )
    if lost or gained:
        parts.append(f"of the same leads {_changed('lost a win', lost)}, {_changed('gained one', gained)}")
    if view.new_wins:
        parts.append(f"leads that only this plan has win {_few(view.new_wins)}")
    if view.gone_wins:
        parts.append(f"leads that it does without would have won {_few(view.gone_wins)}")
    text = "; ".join(parts) + "." if parts else "no lead's win depends on it."
    pool, busy = busiest
    if spare_time:
        text += f" The busiest team, {pool}, is {words.percent(busy)} busy: leads, not reps, limit revenue."
    elif busy >= TOO_FULL:
        text += f" {pool} is {words.percent(busy)} busy: that team limits revenue."
    return text


def _changed(what: str, causes: list[tuple[str, float]]) -> str:
    """Name the largest causes of a change, the others summed."""
    total = sum(count for _, count in causes)
    if not total:
        return f"none {what}"
    named = [each for each in causes[:MOST_CAUSES] if each[1] >= LEAST_CAUSE * total] or causes[:1]
    reasons = [f"{_few(count)} {words.BECAUSE[cause]}" for cause, count in named]
    if (rest := total - sum(count for _, count in named)) >= 0.05:
        reasons.append(f"{_few(rest)} for other causes")
    return f"{_few(total)} {what} ({', '.join(reasons)})"


def _few(count: float) -> str:
    return words.figure(count, finest=-1 if count < 9.95 else 0)


# --- month by month ---------------------------------------------------------------------------------------------------


def _transitions(page: Page, result: CompareResult) -> None:
    """Write of each plan the transition of revenue, and that of profit where the plan costs more or less than today."""
    least = SAME_COST * abs(result.value("revenue").mean)
    shown = []
    for each in result.transition:
        cost = result.difference("cost", each.plan)
        if each.metric == "revenue" or (cost is not None and abs(cost.mean) > least):
            shown.append(each)
    if not shown or result.start == "settled":
        return
    page.blank()
    scenario, scale = result.scenario, _money_scale(result)
    months_are = "month" if scenario.start.day == 1 else f"month, each from day {scenario.start.day} on"
    if scenario.fiscal_year is not None:
        months_are = "month of the fiscal year"
    heading = f"TRANSITION: difference to {result.plans[0]} by {months_are}"
    page.line("", f"{heading}, {_money_unit(result)}".strip(), 0)
    months = [each.month for each in shown[0].months][:MONTH_LIMIT]
    for per_line in range(max(3, min(12, (page.width - NAME_WIDTH - 12) // 6)), 0, -1):
        grids = [_months(shown, block, scale.factor) for block in in_blocks(months, per_line)]
        if per_line == 1 or all(page.holds(grid) for grid in grids):
            for grid in grids:
                page.grid(grid)
            break
    page.blank()
    for each in shown:
        told = transition_text(each, scenario.currency, scale, frame.year_word(scenario))
        page.line("", f"{each.plan}, {each.metric}: {told}", 2)


def _months(shown: Sequence[Transition], block: Sequence[str], factor: float) -> Grid:
    """Show the differences of a block of months; the heading of the whole tells on which day they begin."""
    heads = [Column("", left=True), Column("", left=True)]
    for month in block:
        name, year = words.month_text(month).split()[-2:]
        heads.append(Column(f"{name}\n{year}" if month == block[0] or name in ("Jan", "P1") else name))
    rows = []
    for each in shown:
        known = (month for month in each.months if month.month in block)
        figures = (words.figure(m.mean / factor, m.half_width / factor, signed=True) for m in known)
        rows.append((wrapped_name(each.plan, NAME_WIDTH), each.metric, *figures))
    return Grid(tuple(heads), tuple(rows))


def transition_text(each: Transition, currency: str, scale: words.Scale, word: str = "year") -> str:
    """Say depth and month of the trough, the month of payback and where the plan stands at the end.

    Where no month is told from today, it says so; with too few years to tell, that.
    """
    last = each.months[-1]
    total = words.money_with_width(last.cumulative, currency, last.cumulative_half_width, signed=True, scale=scale)
    end = f"{total} at the end"
    if each.years < LEAST_YEARS:
        return f"too few simulated {word}s to tell whether it falls behind; {end}."
    if not each.detected:
        return f"no detectable difference at the end of any month; {end}."
    behind = [row.month for row in each.told if row.cumulative < 0]
    if each.trough is None and behind:
        return f"detectably behind until {words.month_text(behind[-1])}; {end}."
    if each.trough is None:
        return f"never detectably behind; {end}."
    low = each.trough
    if low.month == last.month:
        return f"not paid back in the period; {end}."
    depth = words.money(low.depth, currency, low.half_width, signed=True, scale=scale)
    payback = each.payback_month
    back = f"paid back by {words.month_text(payback)}" if payback else "not paid back in the period"
    return f"lowest at {depth} after {words.month_text(low.month)}, {back}; {end}."
