"""The screen of a sweep: the curve of a lever, or the map of two with its ridge, and the answer in sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import product

from simfunnel.metrics import TABLE
from simfunnel.report import words
from simfunnel.report.screens import frame
from simfunnel.report.terminal import (
    BAD,
    FAINT,
    GOOD,
    PLAIN,
    STRONG,
    Cell,
    Column,
    Grid,
    Page,
    Row,
    in_blocks,
    table,
    wrapped_name,
)
from simfunnel.stats import told_apart
from simfunnel.study import Amount, SweepResult, SweptLevel
from simfunnel.units import significant

BAR_WIDTHS = (24, 20, 16, 12, 8, 5, 0)
SHADES = " ░▒▓█"
NAME_WIDTH = 14
LEAST_LOAD = 0.01  # a difference of busy shares worth a word
NO_ZONE = 1e-9  # a zone of 1% of nothing
NAMES = {
    "mqls": "MQLs",
    "went_cold": "leads gone cold",
    "wins": "wins",
    "sals": "SALs",
    "sla_months_kept": "SLA months kept",
}


def sweep_screen(result: SweepResult, width: int = 100, colour: bool = False) -> str:
    """Write a sweep as a page of text, at most `width` columns."""
    page = frame.headed(result.scenario, result.total_replications, result.warnings, width, colour)
    day = words.day_text(frame.start_day(result.start, result.scenario)) if result.start != "settled" else ""
    began = f"levels hold from {day}, with today's pipeline in flight" if day else f"levels hold since {frame.SETTLED}"
    if day and all(lever.belief for lever in result.levers):
        began = "the world is so at each level since the run-in's start"
    page.line("", f"Same leads, same luck at every level; {began}.", 0)
    page.blank()
    if len(result.levers) == 1:
        _curve(page, result, result.levels, ())
    else:
        _map(page, result)
    page.blank()
    page.line("ANSWER", " ".join(answer(result)))
    for text in (most_text(result), score_text(result)):
        if text:
            page.line("", text)
    _notes(page, result)
    return page.text()


def _notes(page: Page, result: SweepResult) -> None:
    """Write what is wrong with levels, what is assumed and warned of, and how to get the same numbers again."""
    troubles: dict[tuple[str, str], list[SweptLevel]] = {}
    for each in result.levels:
        if each.problem is not None:
            alike = each.status, re.sub(r"\d[\d.]*", "", each.problem.rule)
            troubles.setdefault(alike, []).append(each)
    for (status, _), levels in troubles.items():
        more = f" and {len(levels) - 1} more" if len(levels) > 1 else ""
        rule = levels[0].problem.rule.removeprefix("then ") if levels[0].problem else ""
        page.line("NOTE", f"{level_name(levels[0])}{more}: {status}, {rule}")
    for lever in result.levers:
        if lever.belief:
            page.line("NOTE", f"{lever.path} says how the world is: today is solved anew at each of its levels")
    frame.note_assumed(page, result.scenario)
    frame.note_warnings(page, result.warnings)
    years = f"{result.total_replications:,} simulated {frame.year_word(result.scenario)}s in all"
    spent = f"{years}, at most {result.replications} a level, {result.seconds:.0f} s."
    page.line("", Cell(f"{spent} Same numbers again: --seed {result.seed}; engine {result.engine}.", FAINT), 0)


def level_name(level: SweptLevel) -> str:
    """Name a level, or a cell of two levers."""
    return " / ".join(level.words)


def metric_name(metric: str) -> str:
    """Name a metric within a sentence."""
    return NAMES.get(metric, words.metric_words(metric).lower())


# --- the curve --------------------------------------------------------------------------------------------------------


def _curve(page: Page, result: SweepResult, levels: Sequence[SweptLevel], firsts: Sequence[tuple[str, ...]]) -> None:
    """Write the curve with the longest bars that fit, with fewer teams' columns where none do."""
    ways = product(range(len(result.pools), -1, -1), BAR_WIDTHS)
    for grid in page.fitting([_rows(result, levels, firsts, result.pools[:pools], bar)] for pools, bar in ways):
        page.grid(grid)


def _rows(
    result: SweepResult, levels: Sequence[SweptLevel], firsts: Sequence[tuple[str, ...]], pools: Sequence[str], bar: int
) -> Grid:
    """Show a row for each level (or for each of `firsts`, a cell of a ridge): the objective and what it costs."""
    objective, other = result.objective, beside(result)
    scale, other_scale = _scale(result, objective), _scale(result, other)
    heads = [Column(wrapped_name(_short(lever.path), NAME_WIDTH)) for lever in result.levers]
    heads += [Column("tied", left=True)] if firsts else []
    heads += [Column("MQL\na month"), Column(_heading(result, objective, scale)), Column("", left=True)]
    heads += [Column("", left=True)] if bar else []
    heads += [Column(_heading(result, other, other_scale))] if other else []
    heads += [Column(f"{wrapped_name(pool, NAME_WIDTH)}\nbusy") for pool in pools]
    heads += [Column("1st\nreply"), Column("wasted\nhours")]
    top = max(_known(result, objective), default=0.0)
    months = frame.months_of(result.scenario)
    rows = []
    for at, level in enumerate(levels):
        name = level_name(level)
        named = (f"{name} today" if level.today and not name.endswith("today") else name,)
        tone = STRONG if result.stands_out(level) else PLAIN
        value, mqls = level.value(objective), level.value("mqls")
        row: list[Cell | str] = [Cell(text, tone) for text in (firsts[at] if firsts else named)]
        row += [words.figure(mqls.mean / months, mqls.half_width / months), Cell(_figure(value, scale), tone)]
        row += [words.bar(value.mean, top, bar)] if bar else []
        row += [_mark(result, level)]
        row += [_figure(level.value(other), other_scale)] if other else []
        row += [words.percent(*level.value("busy_share", pool)) for pool in pools]
        row += [words.hours(*level.value("response_median")), frame.number(level.value("wasted_hours"))]
        rows.append(tuple(row))
    return Grid(tuple(heads), tuple(rows))


def beside(result: SweepResult) -> str:
    """Name the metric beside the objective: revenue, or beside revenue the profit when anything costs."""
    if result.objective != "revenue":
        return "revenue"
    return "profit" if any(level.value("cost").mean > 0 for level in result.levels) else ""


def _known(result: SweepResult, metric: str) -> list[float]:
    """Return the values of a metric at the levels that have one."""
    means = (level.value(metric).mean for level in result.levels)
    return [mean for mean in means if math.isfinite(mean)]


def _mark(result: SweepResult, level: SweptLevel) -> Cell:
    """Mark the best and those tied with it, and say why a level is no candidate."""
    best = result.stands_out(level)
    fate = "BEST" if best else "tied" if level.tied else ""
    state = "" if level.status == "ok" else "too full" if level.status == "overloaded" else level.status
    tone = GOOD if best else BAD if state and not fate else PLAIN
    return Cell(", ".join(part for part in (fate, state) if part), tone)


def _scale(result: SweepResult, metric: str) -> words.Scale:
    """Return the scale of a column: thousands where the amounts have three digits of them."""
    if not metric or TABLE[metric].unit != "money":
        return words.ONE
    return words.table_scale(max(map(abs, _known(result, metric)), default=0.0))


def _heading(result: SweepResult, metric: str, scale: words.Scale) -> str:
    name = metric_name(metric) if metric != "sla_months_kept" else "months\nSLA kept"
    if TABLE[metric].unit == "money":
        name = f"{name},\n{words.symbol(result.scenario.currency)}{scale.suffix}".strip()
    return name


def _figure(value: Amount, scale: words.Scale) -> str:
    return words.figure(value.mean / scale.factor, value.half_width / scale.factor)


def _short(path: str) -> str:
    """Return the last part of a path, with the one before it where that is a name: `SDR.reps`."""
    parts = path.split(".")
    return ".".join(parts[-2:]) if len(parts) > 2 and parts[-2] not in ("*", "default") else parts[-1]


# --- the map of two levers --------------------------------------------------------------------------------------------


def _map(page: Page, result: SweepResult) -> None:
    """Write the objective over the grid, shaded; then the ridge: the best cell of each row."""
    first, second = result.levers
    scale = _scale(result, result.objective)
    heading = _heading(result, result.objective, scale).replace("\n", " ")
    page.line("", f"{heading}: rows {first.path}, columns {second.path}; a cell: row / column", 0)
    columns = second.levels()
    sizes = range(len(columns), 0, -1)
    for grid in page.fitting([_map_grid(result, block, scale) for block in in_blocks(columns, size)] for size in sizes):
        page.grid(grid)
    today = result.today
    if today.levels not in set(product(first.levels(), second.levels())):
        text = f"Today, outside the map ({level_name(today)}): {_figure(today.value(result.objective), scale)}"
        page.line("", text, 0)
    page.line("", "* best   ~ tied with it   [ ] today   ! a team cannot keep up   - cannot be", 0)
    page.blank()
    page.line("", f"RIDGE: the best {_short(second.path)} at each {_short(first.path)}", 0)
    firsts = []
    for step in result.ridge:
        best, *tied = (second.words(result.levels[place].levels[1]) for place in (step.best, *step.tied))
        firsts.append((first.words(step.level), best, f"{tied[0]} to {tied[-1]}" if len(tied) > 1 else ""))
    _curve(page, result, [result.levels[step.best] for step in result.ridge], firsts)


def _map_grid(result: SweepResult, columns: Sequence[float], scale: words.Scale) -> Grid:
    """Show the objective in some columns of the map, shaded from the lowest to the highest of the whole map."""
    first, second = result.levers
    known = _known(result, result.objective)
    low, high = min(known), max(known)
    cells = {each.levels: each for each in result.levels}
    rows: list[Row] = []
    for level in first.levels():
        row: list[Cell | str] = [Cell(first.words(level), STRONG)]
        for cell in (cells[level, other] for other in columns):
            value, best = cell.value(result.objective), result.stands_out(cell)
            if not math.isfinite(value.mean):
                row.append(Cell("- ", FAINT))
                continue
            share = (value.mean - low) / (high - low) if high > low else 0.0
            shade = SHADES[min(len(SHADES) - 1, int(share * len(SHADES)))]
            text = f"[{_figure(value, scale)}]" if cell.today else _figure(value, scale)
            mark = "*" if best else "~" if cell.tied else "!" if cell.status == "overloaded" else " "
            row.append(Cell(f"{shade}{text}{mark}", STRONG if best else PLAIN))
        rows.append(tuple(row))
    return table(("", *(wrapped_name(second.words(level), 9) for level in columns)), rows, left=())


# --- the answer -------------------------------------------------------------------------------------------------------


def answer(result: SweepResult) -> list[str]:
    """Answer in sentences, the most important first."""
    parts = (_best, _reservations, _least_loaded, _gain)
    return [text[:1].upper() + text[1:] for part in parts for text in part(result)]


def amount(
    result: SweepResult, value: float, half_width: float = math.nan, signed: bool = False, metric: str = ""
) -> str:
    """Write an amount of a metric, by default the objective, with its unit and its +/- where it has one."""
    metric = metric or result.objective
    unit = TABLE[metric].unit
    if unit == "money":
        return words.money_with_width(value, result.scenario.currency, half_width, signed)
    if unit == "hours":
        return words.hours_with_width(value, half_width, working=True, signed=signed)
    return f"{words.figure_with_width(value, half_width, signed=signed)} {metric_name(metric)}"


def listed(names: Sequence[str]) -> str:
    """List names in a sentence.

    >>> listed(["wins"]), listed(["revenue", "profit", "wins"])
    ('wins', 'revenue, profit and wins')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _best(result: SweepResult) -> Iterator[str]:
    """Yield which level is best, or which cannot be told apart from it; neighbours as `50 to 65`."""
    tied, name = result.tied, level_name(result.chosen)
    zone = f"within {amount(result, result.zone)} ({'1% of the best' if result.zone_assumed else 'your zone'})"
    if not result.detectable:
        within = f" {zone}" if result.zone > NO_ZONE else ""
        yield f"No detectable difference: no level can be told apart from another{within}."
    elif len(tied) == 1:
        yield f"{name} is the best: it is told apart from every other level."
    elif len(result.levers) == 2 and len(tied) > 6:
        yield f"{name} is the best; {len(tied) - 1} other cells cannot be told apart from it {zone}."
    else:
        possible = [each for each in result.levels if each.status != "impossible"]
        runs: list[list[int]] = []
        for place in (next(at for at, other in enumerate(possible) if other is each) for each in tied):
            if len(result.levers) == 1 and runs and place == runs[-1][-1] + 1:
                runs[-1].append(place)
            else:
                runs.append([place])
        names = []
        for run in runs:
            each = [level_name(possible[place]) for place in run]
            names += [f"{each[0]} to {each[-1]}"] if len(run) > 2 else each
        yield f"{listed(names)} cannot be told apart {zone}; highest: {name}."


def _reservations(result: SweepResult) -> Iterator[str]:
    """Yield that the best may lie beyond the levels that were asked for, and that more years would tell more."""
    ends = [
        f"{'above' if level == lever.levels()[-1] else 'below'} {lever.words(level)}"
        for lever, level in zip(result.levers, result.chosen.levels, strict=False)
        if level in (lever.levels()[0], lever.levels()[-1])
        and (lever.relative or level not in (lever.span.low, lever.span.high))
    ]
    if result.detectable and ends:
        yield f"It lies at an end: what is {' and '.join(ends)} was not tried."
    wanted, years = result.wanted_for_skew, result.chosen.years
    if not result.decided:
        margin = amount(result, result.margin)
        yield f"Their differences are known to {margin} only: more --replications would tell more."
    if wanted > years:
        word = frame.year_word(result.scenario)
        yield f"The differences are so skewed that {wanted} {word}s a level are wanted, and {years} are there."


def _least_loaded(result: SweepResult) -> Iterator[str]:
    """Yield which of the levels tied loads the team most in need least: what the plateau leaves to choose."""
    if not result.pools or len(result.tied) < 2 or not result.detectable:
        return

    def load(level: SweptLevel, pool: str, unknown: float) -> float:
        busy = level.value("busy_share", pool).mean
        return unknown if math.isnan(busy) else busy

    pool = max(result.pools, key=lambda name: load(result.chosen, name, 0.0))
    least = min(result.tied, key=lambda level: load(level, pool, 9.0))
    here, there = result.chosen.value("busy_share", pool), least.value("busy_share", pool)
    if here.mean - there.mean > max(LEAST_LOAD, there.half_width):
        told = f"{words.percent(*there)} busy, against {words.percent(*here)}"
        yield f"Of these, {level_name(least)} loads {pool} least: {told}."


def _gain(result: SweepResult) -> Iterator[str]:
    """Yield what staying as today costs, or what going to the best brings, and what this brings on fresh seeds."""
    today, fresh, name = level_name(result.today), result.fresh, level_name(result.chosen)
    if not result.detectable:
        name = f"the highest, {name}"
    elif result.today is result.chosen:
        if today != "today":
            yield f"Today's {today} is the highest."
    elif result.today.tied:
        yield f"Staying {'as today' if today == 'today' else f'at {today}'} costs nothing that can be detected."
    elif fresh is not None and fresh.gain is not None:
        gain = fresh.gain
        start = "today" if today == "today" else f"today's {today}"
        sure = "" if told_apart(gain.mean, gain.half_width, fresh.years) else ", which is no detectable difference"
        told = amount(result, gain.mean, gain.half_width, signed=True)
        what = metric_name(result.objective) if TABLE[result.objective].unit == "money" else "it"
        yield f"Going from {start} to {name} changes {what} by {told}{sure} (fresh seeds)."
    if fresh is not None:
        searched = amount(result, *result.chosen.value(result.objective))
        other = "" if fresh.agrees else f", not {searched} as in the search: quote this figure"
        found = amount(result, fresh.chosen.mean, fresh.chosen.half_width)
        yield f"{name}, run again on fresh seeds: {found}{other}."


def most_text(result: SweepResult) -> str:
    """Say where revenue, wins and MQLs are highest, against the objective's best; empty when nothing is told."""
    best, objective = level_name(result.chosen), result.objective
    here = [metric_name(each.metric) for each in result.most if each.place == result.best]
    told = [f"Most {listed(here)}: {best} too."] if here else []
    for each in (most for most in result.most if most.place != result.best):
        level, costs = result.levels[each.place], each.costs
        lead = amount(result, each.lead, each.half_width, signed=True, metric=each.metric)
        there = f"{level_name(level)} ({lead})"
        if not each.detectable:
            there = f"{level_name(level)}, but not detectably more than {best}"
        elif abs(costs.mean) > costs.half_width:
            cost = amount(result, costs.mean, costs.half_width, signed=True)
            worst = level.value(objective).mean == min(_known(result, objective))
            there += f", at {cost} {metric_name(objective)}" + (": the least of all" if worst else "")
        told.append(f"Most {metric_name(each.metric)}: {there}.")
    return " ".join(told)


def score_text(result: SweepResult) -> str:
    """Say which level would be best if the score were more or less accurate; empty when that was not asked."""
    if not result.accuracies:
        return ""
    parts = []
    for each in result.accuracies:
        if each.best is None:
            found = f"cannot be, {each.problem}"
        elif len(each.tied) == len(each.tried):
            found = "no detectable difference"
        else:
            found = f"best {level_name(result.levels[each.best])}"
            if len(each.tied) > 1:
                first, *_, last = (level_name(result.levels[place]) for place in each.tied)
                places = [each.tried.index(place) for place in each.tied]
                one_run = len(result.levers) == 1 and places[-1] - places[0] == len(places) - 1
                tied = f"{first} to {last}" if one_run else f"{len(places)} of the {len(each.tried)} tried"
                found += f" ({tied} tied)"
        parts.append(f"{each.word} ({significant(each.correlation, 6)}): {found}")
    where = "Along the ridge, if" if len(result.levers) == 2 else "If"
    return f"{where} the score were {'; '.join(parts)}. Today it is {result.score_correlation:.2f}."
