"""The screen of a sweep: the curve of a lever, or the map of two with its ridge, and the answer."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from itertools import product

from simfunnel.metrics import TABLE
from simfunnel.report import words as w
from simfunnel.report.run_view import Value
from simfunnel.report.screens.run import day_text, period_text
from simfunnel.report.sweep_answer import answer, metric_name, most_text, score_text
from simfunnel.report.sweep_view import Line, SweepView
from simfunnel.report.terminal import BAD, FAINT, GOOD, PLAIN, STRONG, Cell, Column, Grid, Page, wrapped_name
from simfunnel.report.words import contradictions, notes

BAR_WIDTHS = (24, 20, 16, 12, 8, 5, 0)
EIGHTHS = " ▏▎▍▌▋▊▉"
SHADES = " ░▒▓█"
NAME_WIDTH = 14


def sweep_screen(view: SweepView, width: int = 100, colour: bool = False) -> str:
    """The sweep as a page of text, at most `width` columns."""
    page = Page(width, colour)
    word = w.span(view.first_day, view.last_day)
    page.title(view.title, f"{period_text(view.first_day, view.last_day)}, {w.simulated(view.total_years, word)}")
    contradictions(page, view.warnings)
    page.line("", f"Same leads, same luck at every level; {start_words(view)}.", 0)
    page.blank()
    if len(view.levers) == 1:
        page.grid(_fitting(page, view, range(len(view.lines)), ()))
    else:
        _map(page, view)
    page.blank()
    _answer(page, view)
    _notes(page, view, word)
    return page.text()


def start_words(view: SweepView) -> str:
    """When the levels begin to hold, in words."""
    if view.start == "settled":
        return "levels hold since long before the period: the pipeline has settled"
    if all(lever.belief for lever in view.levers):
        return "the world is so at each level since the run-in's start"
    day = view.first_day if view.start == "period" else date.fromisoformat(view.start)
    return f"levels hold from {day_text(day)}, with today's pipeline in flight"


def _answer(page: Page, view: SweepView) -> None:
    page.line("ANSWER", " ".join(answer(view)))
    for text in (most_text(view), score_text(view)):
        if text:
            page.line("", text)


def _notes(page: Page, view: SweepView, word: str) -> None:
    for status, rule, names in _troubles(view):
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        page.line("NOTE", f"{names[0]}{more}: {status}, {rule.removeprefix('then ')}")
    for lever in view.levers:
        if lever.belief:
            page.line("NOTE", f"{lever.path} says how the world is: today is solved anew at each of its levels")
    if view.assumed:
        page.line("ASSUMED", f"{view.assumed} inputs are assumed, not typed: simfunnel check {view.file} lists them")
    notes(page, view.warnings)
    spent = f"{view.total_years:,} simulated {word}s in all, at most {view.years} a level, {view.seconds:.0f} s."
    page.line("", Cell(f"{spent} Same numbers again: --seed {view.seed}; engine {view.engine}.", FAINT), 0)


def _troubles(view: SweepView) -> list[tuple[str, str, list[str]]]:
    """What is wrong with levels that are impossible or overloaded, and with which."""
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for line, each in zip(view.lines, view.levels, strict=True):
        if each.problem is not None:
            alike = each.status, re.sub(r"\d[\d.]*", "", each.problem.rule)
            found.setdefault(alike, (each.problem.rule, []))[1].append(line.name)
    return [(status, rule, names) for (status, _), (rule, names) in found.items()]


# --- the curve -------------------------------------------------------------------------------------------------------


def _fitting(page: Page, view: SweepView, places: Sequence[int], firsts: Sequence[tuple[str, ...]]) -> Grid:
    """The curve with the longest bars that fit, with fewer teams' columns where none do."""
    for pools in range(len(view.pools), -1, -1):
        for bar in BAR_WIDTHS:
            grid = _curve(view, places, firsts, pools, bar)
            if page.fits(grid):
                return grid
    return _curve(view, places, firsts, 0, 0)


def _curve(view: SweepView, places: Sequence[int], firsts: Sequence[tuple[str, ...]], pools: int, bar: int) -> Grid:
    """A row for each place: its level (or `firsts`: the cells of a ridge), the objective and what it costs."""
    scale, other = _scale(view, view.objective), _scale(view, view.other)
    heads = [Column(wrapped_name(_short(lever.path), NAME_WIDTH)) for lever in view.levers]
    heads += [Column("tied", left=True)] if firsts else []
    heads += [Column("MQL\na month"), Column(_heading(view, view.objective, scale)), Column("", left=True)]
    heads += [Column("", left=True)] if bar else []
    heads += [Column(_heading(view, view.other, other))] if view.other else []
    heads += [Column(f"{wrapped_name(pool, NAME_WIDTH)}\nbusy") for pool in view.pools[:pools]]
    heads += [Column("1st\nreply"), Column("wasted\nhours")]
    top = max((line.objective.mean for line in view.lines if math.isfinite(line.objective.mean)), default=0.0)
    rows = []
    for at, place in enumerate(places):
        line = view.lines[place]
        tone = STRONG if line.best else PLAIN
        named = firsts[at] if firsts else (_level(line),)
        row: list[Cell | str] = [*(Cell(text, tone) for text in named), _figure(line.mqls)]
        row += [Cell(_figure(line.objective, scale), tone)]
        row += [_bar(line.objective.mean, top, bar)] if bar else []
        row += [_mark(line)]
        row += [_figure(line.other, other)] if view.other else []
        row += [w.percent(busy.mean, busy.half_width) for busy in line.busy[:pools]]
        row += [w.hours(line.reply.mean, line.reply.half_width), _figure(line.wasted)]
        rows.append(tuple(row))
    return Grid(tuple(heads), tuple(rows))


def _level(line: Line) -> str:
    return f"{line.name} today" if line.today and not line.name.endswith("today") else line.name


def _mark(line: Line) -> Cell:
    """BEST, tied, or why a level is no candidate."""
    fate = "BEST" if line.best else "tied" if line.tied else ""
    state = "" if line.status == "ok" else "too full" if line.status == "overloaded" else line.status
    tone = GOOD if line.best else BAD if state and not fate else PLAIN
    return Cell(", ".join(part for part in (fate, state) if part), tone)


def _bar(value: float, top: float, width: int) -> str:
    if not math.isfinite(value) or value <= 0 or top <= 0:
        return ""
    eighths = round(8 * width * value / top)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def _scale(view: SweepView, metric: str) -> w.Scale:
    """The scale of a column: thousands where the amounts have three digits of them."""
    if not metric or TABLE[metric].unit != "money":
        return w.ONE
    size = max(
        (abs(_of(line, view, metric)) for line in view.lines if math.isfinite(_of(line, view, metric))), default=0
    )
    return w.MILLION if size >= 1e9 else w.THOUSAND if size >= 1e5 else w.ONE


def _of(line: Line, view: SweepView, metric: str) -> float:
    return line.objective.mean if metric == view.objective else line.other.mean


def _heading(view: SweepView, metric: str, scale: w.Scale) -> str:
    name = metric_name(metric) if metric != "sla_months_kept" else "months\nSLA kept"
    if metric and TABLE[metric].unit == "money":
        name = f"{name},\n{w.symbol(view.currency)}{scale.suffix}".strip()
    return name


def _figure(value: Value, scale: w.Scale = w.ONE) -> str:
    return w.figure(value.mean / scale.factor, value.half_width / scale.factor)


def _short(path: str) -> str:
    """The last part of a path, with the one before it where that is a name: `SDR.reps`."""
    parts = path.split(".")
    return ".".join(parts[-2:]) if len(parts) > 2 and parts[-2] not in ("*", "default") else parts[-1]


# --- the map of two levers -------------------------------------------------------------------------------------------


def _map(page: Page, view: SweepView) -> None:
    """The objective over the grid, shaded; then the ridge: the best cell of each row."""
    first, second = view.levers
    scale = _scale(view, view.objective)
    heading = _heading(view, view.objective, scale).replace("\n", " ")
    page.line("", f"{heading}: rows {first.path}, columns {second.path}; a cell: row / column", 0)
    columns = second.levels()
    for size in range(len(columns), 0, -1):
        blocks = [columns[at : at + size] for at in range(0, len(columns), size)]
        grids = [_map_grid(view, block, scale) for block in blocks]
        if size == 1 or all(page.fits(grid) for grid in grids):
            break
    for grid in grids:
        page.grid(grid)
    today = view.lines[view.today]
    if view.levels[view.today].levels not in set(product(first.levels(), second.levels())):
        page.line("", f"Today, outside the map ({today.name}): {_figure(today.objective, scale)}", 0)
    page.line("", "* best   ~ tied with it   [ ] today   ! a team cannot keep up   - cannot be", 0)
    page.blank()
    page.line("", f"RIDGE: the best {_short(second.path)} at each {_short(first.path)}", 0)
    firsts = [(first.words(step.level), _second(view, step.best), _tied(view, step.tied)) for step in view.ridge]
    page.grid(_fitting(page, view, [step.best for step in view.ridge], firsts))


def _map_grid(view: SweepView, columns: Sequence[float], scale: w.Scale) -> Grid:
    first, second = view.levers
    known = [line.objective.mean for line in view.lines if math.isfinite(line.objective.mean)]
    low, high = min(known), max(known)
    places = {each.levels: place for place, each in enumerate(view.levels)}
    heads = [Column(""), *(Column(wrapped_name(second.words(level), 9)) for level in columns)]
    rows = []
    for level in first.levels():
        row: list[Cell | str] = [Cell(first.words(level), STRONG)]
        row += [_map_cell(view.lines[places[level, other]], low, high, scale) for other in columns]
        rows.append(tuple(row))
    return Grid(tuple(heads), tuple(rows))


def _map_cell(line: Line, low: float, high: float, scale: w.Scale) -> Cell:
    value = line.objective.mean
    if not math.isfinite(value):
        return Cell("- ", FAINT)
    share = (value - low) / (high - low) if high > low else 0.0
    shade = SHADES[min(len(SHADES) - 1, int(share * len(SHADES)))]
    text = _figure(line.objective, scale)
    text = f"[{text}]" if line.today else text
    mark = "*" if line.best else "~" if line.tied else "!" if line.status == "overloaded" else " "
    return Cell(f"{shade}{text}{mark}", STRONG if line.best else PLAIN)


def _second(view: SweepView, place: int) -> str:
    level = view.levels[place].levels
    return view.levers[1].words(level[1])


def _tied(view: SweepView, places: Sequence[int]) -> str:
    """The tied levels of the second lever within a row."""
    names = [_second(view, place) for place in places]
    return "" if len(names) < 2 else f"{names[0]} to {names[-1]}"
