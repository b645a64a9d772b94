"""The screen of a run: revenue and its spread, the funnel and what is lost on the way, the teams, the agreement."""

from __future__ import annotations

import math

from simfunnel.errors import path_text
from simfunnel.metrics import EVERYTHING
from simfunnel.report import words
from simfunnel.report.screens import frame
from simfunnel.report.terminal import BAD, FAINT, GOOD, Cell, Grid, Page, Row, table
from simfunnel.scenario.checks.wording import listed
from simfunnel.stats import LEAST_DRAWS, LEAST_YEARS, order_ranks
from simfunnel.study import Allotment, Amount, Difference, Part, RunResult

ON_SCREEN = tuple(
    (metric, split)
    for metric, split in EVERYTHING
    if split in ("", "channel", "campaign", "pool", "stage", "clause")
    or (metric, split) in (("revenue", "month"), ("open_leads", "pool+month"))
)
"""What a run measures when only its screen is wanted: no number by rep or band of scores, and by month but revenue and
the open leads of teams, by which one that falls behind is told."""

TEAM = {
    "busy_share": "busy",
    "new_leads_per_rep_day": "new/rep\na day",
    "open_leads_per_rep": "open\na rep",
    "response_median": "first reply:\nmedian (working)",
    "answered_in_1_hour": "in 1 h",
    "answered_in_1_day": "in 1 day",
}
STEPS = {"leads": "100 leads a year", "handoff": "hand-off 1 h faster"}


def run_screen(result: RunResult, width: int = 100, colour: bool = False) -> str:
    """Write a run as a page of text, at most `width` columns."""
    page = frame.headed(result.scenario, result.replications, result.warnings, width, colour)
    _headline(page, result)
    _beside_revenue(page, result)
    page.blank()
    losses, how_they_add_up = _losses(result)
    page.beside(_funnel(result), losses)
    recycled = result.value("recycled_mqls")
    if recycled.mean > 0:
        page.line("", f"{frame.number(recycled)} of the MQLs are recycled leads", 2)
    if how_they_add_up:
        page.line("", Cell(how_they_add_up, FAINT), 2)
    page.blank()
    _teams(page, result)
    if result.one_more:
        page.line("ONE MORE", _one_more(result))
    if result.clauses:
        page.blank()
        page.grid(_agreement(result))
    _notes(page, result)
    return page.text()


# --- revenue ----------------------------------------------------------------------------------------------------------


def _headline(page: Page, result: RunResult) -> None:
    """Write revenue, its target and its spread: how much is luck, and what would be left if the inputs were known."""
    currency, word = result.scenario.currency, frame.year_word(result.scenario)
    revenue = result.estimate("revenue")
    if revenue is None:
        raise LookupError("a run without revenue")
    spread = (revenue.p90 - revenue.p10) / 10  # single years vary by this much: more digits would be luck
    low, middle, high = (words.money(x, currency, spread) for x in (revenue.p10, revenue.p50, revenue.p90))
    mean = words.money_with_width(revenue.mean, currency, revenue.half_width)
    page.line("REVENUE", f"{middle}  one {word} in ten below {low}, one in ten above {high}   (mean {mean})")
    if (target := result.scenario.target) is not None:
        gap, reached = revenue.p50 - target.revenue, words.of_hundred(result.value("target_reached").mean)
        wanted = "" if target.confidence is None else f", wanted in {words.of_hundred(target.confidence)}"
        short = f"{words.money(abs(gap), currency, spread)} {'above it' if gap >= 0 else 'short'} in the middle {word}"
        goal = words.money(target.revenue, currency)
        page.line("TARGET", f"{goal}  reached in {reached} of 100 {word}s{wanted}; {short}")
    if (drawn := result.not_knowing) is not None:
        found = drawn.of("revenue")
        if found is not None:
            text = frame.spread_text(found, "it")
            if not found.floored:
                low, high = (words.money(x, currency, spread) for x in (found.luck_p10, found.luck_p90))
                text += f". If they were known, one {word} in ten would be below {low}, one in ten above {high}"
        elif drawn.draws >= LEAST_DRAWS:
            text = f"none: every simulated {word} brings the same"
        else:
            few = f"{drawn.draws} draw{'s' * (drawn.draws != 1)} of the inputs"
            text = f"{few}, too few to tell luck from not knowing them: --replications {2 * LEAST_DRAWS} or more"
        page.line("SPREAD", text)


def _beside_revenue(page: Page, result: RunResult) -> None:
    """Write what is read beside revenue: wins and costs, its months, and what is not counted."""
    currency = result.scenario.currency
    won, profit, cost_per_win = (result.value(name) for name in ("wins", "profit", "cost_per_win"))
    width = words.plus_minus(won.half_width)
    parts = [f"Won {frame.number(won)}" + (f" ({width})" if width else "")]
    parts.append(f"Win rate {words.percent(*result.value('win_rate'))} of leads")
    if result.value("cost").mean and not math.isnan(profit.mean):
        parts.append(f"Profit {words.money(profit.mean, currency, profit.half_width)}")
        parts.append(f"Cost per win {words.money(cost_per_win.mean, currency, cost_per_win.half_width)}")
    page.line("", "     ".join(parts), 0)
    today = (each for each in result.estimates if (each.metric, each.plan) == ("revenue", result.plans[0]))
    months = [each for each in today if each.part.month and each.part == Part(month=each.part.month)]
    if len(months) > 1:
        ends = (f"{words.month_text(e.part.month)} {words.money(e.mean, currency)}" for e in (months[0], months[-1]))
        page.line("by month", f"{words.sparkline([each.mean for each in months])}   {' ... '.join(ends)}")
    pipeline, nurtured = result.value("open_pipeline"), result.value("nurture_pipeline")
    text = f"pipeline open at the end, {words.money(pipeline.mean, currency, pipeline.half_width)}"
    if nurtured.mean > 0:
        text += f"; in nurture, once accepted, {words.money(nurtured.mean, currency, nurtured.half_width)}"
    page.line("", f"Not counted: {text}", 0)


# --- the funnel and what is lost on the way ---------------------------------------------------------------------------


def _funnel(result: RunResult) -> Grid:
    """Show every step: how many, of the step before, what was typed, and whether it is met."""
    scenario, sources = result.scenario, list(result.scenario.sources)
    typed = {rate.path: rate for rate in result.typed}
    drawn = result.not_knowing
    ranges = {} if drawn is None else {each.path: each.text for each in drawn.ranges}

    def step(label: str, count: Amount, share: Amount, path: str = "", whose: str = "") -> Row:
        cells, rate = (label, frame.number(count), words.percent(*share)), typed.get(path)
        if rate is None:
            return (*cells, "", "")
        seen = "differs" if math.isfinite(share.mean) else "not seen"
        source = f" [{sources.index(path) + 1}]" if path in sources else ""
        mark = Cell(("ok" if rate.met else seen) + whose + source, GOOD if rate.met else BAD)
        return (*cells, ranges.get(path) or words.percent(rate.typed), mark)

    whose = " for new leads" if result.value("recycled_mqls").mean > 0 else ""  # recycled MQLs are counted too
    rows: list[Row] = [("Leads", frame.number(result.value("leads")), "", "", "")]
    rows += [step("MQL", result.value("mqls"), result.ratio("mqls", "leads"), "qualification.mql_rate", whose)]
    rows += [step("Reached", result.value("contacts"), result.value("reached_share"))]
    if scenario.acceptance is not None:
        rows += [step("Accepted (SAL)", result.value("sals"), result.value("acceptance_rate"), "acceptance.rate")]
    names = [stage.name for stage in scenario.stages]
    for at, name in enumerate(names):
        label = "Won" if at == len(names) - 1 else "Opportunity" if at == 0 else names[at + 1].capitalize()
        part, path = Part(stage=name), path_text(("stages", name, "conversion"))
        rows += [step(label, result.value("advances", part), result.value("conversion", part), path)]
    return table(("FUNNEL", "count", "of step before", "you typed", ""), rows, left=(0, 4))


def _losses(result: RunResult) -> tuple[Grid, str]:
    """Show the leads lost, by what a repair of the leak brings where that is known, and how repairs add up."""
    counts = {metric: result.value(metric) for metric in words.LOSSES}
    lost = {metric: frame.number(count) for metric, count in counts.items() if count.mean > 0}
    if not result.leaks:
        rows = [(words.LOSSES[metric], count) for metric, count in lost.items()]
        return table(("LOST ON THE WAY", ""), rows or [("nothing that the file describes", "")]), ""
    leaks = {each.leak.counted: each for each in result.leaks if each.leak.counted in lost}
    shown = []
    for metric, count in lost.items():
        label, brings, repaired = words.LOSSES[metric], -math.inf, words.UNKNOWN
        if (leak := leaks.get(metric)) is not None:
            label, brings, repaired = words.LEAKS[leak.leak.name], leak.revenue.mean, words.NOT_DETECTED
            if leak.revenue.verdict != words.NOT_DETECTED:
                repaired = difference_text(leak.revenue, result.scenario.currency)
        shown.append((brings, (label, count, repaired)))
    shown.sort(key=lambda each: each[0], reverse=True)
    years, file = result.leaks[0].years, frame.file_name(result.scenario)
    over = "" if years == result.replications else f" over {words.simulated(years, frame.year_word(result.scenario))}"
    text = f"Leaks repaired one by one{over} do not add up: simfunnel bridge {file} splits and ranks them all"
    if any(leak.revenue.verdict == "worse" for leak in leaks.values()):
        text += f". {words.LEAK_WORSE}"
    return table(("LEAKS", "leads", "repaired alone"), (row for _, row in shown), left=(0, 2)), text


def difference_text(found: Difference, currency: str) -> str:
    """Write a difference of money with its half-width, in running text."""
    return words.money_with_width(found.mean, currency, found.half_width, signed=True)


# --- teams ------------------------------------------------------------------------------------------------------------


def _teams(page: Page, result: RunResult) -> None:
    """Write the reps of every pool and their work, and what of it went to leads that sales then rejected."""
    rows, wasted = [], []
    for pool in result.scenario.pools:
        part = Part(pool=pool)
        busy, new, waiting, reply, hour, day = (result.value(metric, part) for metric in TEAM)
        told = words.UNKNOWN
        if not math.isnan(reply.mean):
            working = words.hours(*result.value("response_working_median", part), working=True)
            told = f"{words.hours(*reply)} ({working})"
        heads, counts = words.heads(result.reps(pool).mean), (frame.number(each, -1) for each in (new, waiting))
        rows.append((pool, heads, words.percent(*busy), *counts, told, words.percent(*hour), words.percent(*day)))
        hours, cost = (result.value(metric, part) for metric in ("wasted_hours", "wasted_cost"))
        if hours.mean > 0:
            spent = f"{frame.number(hours)} {pool} hours" if hours.mean >= 1 else f"{words.hours(*hours)} of {pool}"
            price = f" ({words.money(cost.mean, result.scenario.currency, cost.half_width)})" if cost.mean > 0 else ""
            wasted.append(f"{spent}{price}")
    if rows:
        page.grid(table(("TEAM", "reps", *TEAM.values()), rows))
    for each in result.teams:
        page.line("SPLIT", split_text(each))
    if wasted:
        page.line("WASTED", f"{', '.join(wasted)} on leads that sales then rejected")


def split_text(each: Allotment) -> str:
    """Name the heads of each team of a pool, in a sentence."""
    heads = ", ".join(f"{channel} {count}" for channel, count in each.heads.items())
    return f"{each.pool} in teams: {heads}" + (f" (from its switch {each.phase} on)" if each.phase > 1 else "")


def _one_more(result: RunResult) -> str:
    """Say what small steps would bring to revenue, and to profit where anything costs."""
    currency = result.scenario.currency
    costs = bool(result.value("cost").mean) and not math.isnan(result.value("profit").mean)
    told, untold, notes = [], [], []
    for each in result.one_more:
        name = STEPS.get(each.what, each.what.removeprefix("pools.").removesuffix(".reps").strip('"'))
        if each.note:
            notes.append(f"{name}: {each.note}")
        if each.revenue.verdict == words.NOT_DETECTED:
            untold.append(name)
            continue
        text = f"{name} {difference_text(each.revenue, currency)}"
        if costs and each.profit.verdict != words.NOT_DETECTED:
            text += f" (profit {words.money(each.profit.mean, currency, each.profit.half_width, signed=True)})"
        told.append(text)
    if untold:
        told.append(f"{listed(untold, len(untold))}: {words.NOT_DETECTED}")
    return "; ".join(told) + (f" ({'; '.join(notes)})" if notes else "")


# --- the agreement ----------------------------------------------------------------------------------------------------


def _agreement(result: RunResult) -> Grid:
    """Show of each clause the months kept, the chance of all, and the main cause of breaches."""
    rows: list[Row] = []
    for name in result.clauses:
        part = Part(band=name)
        judged = result.value("sla_months_judged", part).mean
        kept = frame.number(result.value("sla_months_kept", part), -1) if judged else words.UNKNOWN
        breaches = {told: result.value(metric, part).mean for metric, told in words.BREACHES.items()}
        cause = max(breaches, key=lambda told: breaches[told])
        cause = cause if breaches[cause] > 0 and result.replications >= LEAST_YEARS else ""
        months = _months(judged) if judged else words.UNKNOWN  # a metric without months has only the last column
        rows.append((name, kept, months, words.percent(result.value("sla_kept", part).mean), cause))
    months = _months(result.value("sla_months_judged").mean)
    rows.append(("all clauses", frame.number(result.value("sla_months_kept"), -1), months, "", ""))
    return table(("SLA", "months kept", "of", "all of them", "mostly broken by"), rows, left=(0, 4))


def _months(count: float) -> str:
    return words.figure(count, finest=-1).removesuffix(".0")


# --- notes ------------------------------------------------------------------------------------------------------------


def _notes(page: Page, result: RunResult) -> None:
    """Write what is assumed, drawn, sourced and warned of, the precision, and how to get the same numbers again."""
    page.blank()
    word = frame.year_word(result.scenario)
    count, known = frame.assumed_inputs(result.scenario), result.known
    if count or known is not None:
        text = f"{count} input{'s are' if count != 1 else ' is'} assumed, not typed"
        if known is not None and known.most:
            paths = [bar.path for bar in known.most]
            text += f"; {listed(paths, len(paths))} move{'s' * (len(paths) == 1)} revenue most"
        elif known is not None and known.too_few:
            text += f"; {known.years} simulated years are too few to tell which of them matters"
        elif known is not None:
            text += f"; none of the {known.moved} that can be moved changes revenue detectably"
        lists = " lists them" if known is None else ""
        page.line("KNOW", f"{text}: simfunnel check {frame.file_name(result.scenario)}{lists}")
    drawn = result.not_knowing
    if drawn is not None:
        many, years = len(drawn.ranges), f"{drawn.years} {word}{'s' * (drawn.years != 1)} each time"
        text = f"{many} input{'s' * (many != 1)} from typed ranges, {drawn.draws} times, {years}"
        again = f"; {drawn.redrawn} times they did not fit together and were drawn again" if drawn.redrawn else ""
        page.line("DRAWN", text + again)
    for at, (path, source) in enumerate(result.scenario.sources.items(), start=1):
        page.line("SOURCES" if at == 1 else "", f"[{at}] {path}: {source}")
    frame.note_warnings(page, result.warnings)
    if order_ranks(result.replications, 0.1) is None:
        page.line("NOTE", f"fewer than 36 simulated {word}s: what happens in one of ten is a rough guess")
    frame.note_precision(page, "Mean revenue is known to", "", result)
    frame.note_again(page, result)
