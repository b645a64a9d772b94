"""The screen of a sensitivity study: a tornado for each metric, and what must be known to read it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from simfunnel.report import words
from simfunnel.report.screens import frame
from simfunnel.report.terminal import FAINT, PLAIN, Cell, Column, Grid, Page, wrapped_name
from simfunnel.study import End, Estimate, InputEffect, SensitivityResult

FULL, GREY, AXIS = "█", "░", "|"
FIGURES = 4  # columns without that of the bars
BAR_SIZES = (10, 5, 0)  # characters on either side of the axis
PATH_WIDTHS = (36, 28, 22)  # of a path, before it goes on in the next line
MARKS = {"range": " *", "assumed": " ?", "typed": ""}


def sensitivity_screen(result: SensitivityResult, width: int = 100, colour: bool = False) -> str:
    """Write a sensitivity study as a page of text, at most `width` columns."""
    page = frame.headed(result.scenario, result.replications, result.warnings, width, colour, " at each end")
    plan = "" if result.plan == "today" else f" Of the plan {result.plan}."
    rest = "as it is" if result.not_knowing is None else "as it is, ranges at their middles"
    text = f"Each input alone at its low and its high end, the rest {rest}; typed rates hold at both ends."
    page.line("", f"{text} Same leads, same luck.{plan}", 0)
    for today in result.today:
        page.blank()
        _tornado(page, result, today)
    page.blank()
    for at, pair in enumerate(result.together):
        both = " and ".join(f"{path} at {end}" for path, end in zip(pair.paths, pair.ends, strict=True))
        found = f"{words.NOT_DETECTED} to the sum of their bars"
        if pair.detected:
            size = difference(pair.mean, pair.half_width, pair.unit, result.scenario.currency)
            found = f"{size} beyond the sum of their bars"
        page.line("TOGETHER" if at == 0 else "", f"{both}: {found}")
    drawn, metric = result.not_knowing, result.today[0].metric
    if drawn is not None and (spread := drawn.of(metric)) is not None:
        of = f"the spread of {words.metric_words(metric).lower()}"
        text = f"{of} is " * spread.floored + frame.spread_text(spread, of)
        ranges = f"{len(drawn.ranges)} typed range{'s' * (len(drawn.ranges) != 1)}"
        years = f"{drawn.years} {frame.year_word(result.scenario)}s each"
        page.line("SPREAD", f"{text} ({ranges} drawn {drawn.draws} times, {years})")
    _screened(page, result)
    _notes(page, result)
    return page.text()


# --- the tornado ------------------------------------------------------------------------------------------------------


def _tornado(page: Page, result: SensitivityResult, today: Estimate) -> None:
    """Write what every input does to a metric at both ends, in the widest bars that fit."""
    bars, currency = result.bars_of(today.metric), result.scenario.currency
    metric = words.metric_words(today.metric).upper()
    if math.isnan(today.mean):
        years = words.simulated(result.replications, frame.year_word(result.scenario))
        page.line(metric, f"has no value in {years}: nothing to move")
        return
    page.line(metric, f"{amount(today.mean, today.half_width, today.unit, currency)} today")
    if not bars:
        page.line("", "no input could be moved", 2)
        return
    largest = max(abs(end.mean) for bar in bars for end in (bar.low, bar.high))
    scale = words.time_scale(largest, working=True) if today.unit == "hours" else words.scale_of(largest)
    ways = [(BAR_SIZES[0], PATH_WIDTHS[0])]  # a path on one line is worth more than a long bar
    ways += itertools.product(BAR_SIZES[1:], PATH_WIDTHS)
    (grid,) = page.fitting([_grid(bars, today.unit, currency, scale, size, path)] for size, path in ways)
    page.grid(grid)
    found, rest = [bar.path for bar in bars if bar.detected], [bar.path for bar in bars if not bar.detected]
    text = "No input moves it detectably."
    if found:  # those that do not are told by name where no bars are drawn
        others = f"{len(rest)} in light bars, or none" if len(grid.columns) > FIGURES else ", ".join(rest)
        nothing = f"; {others}: {words.NOT_DETECTED}" if rest else ""
        text = f"{found[0]} moves it most; {len(found)} of {len(bars)} inputs move it detectably{nothing}."
    page.line("", text, 0)


def _grid(bars: Sequence[InputEffect], unit: str, currency: str, scale: words.Scale, size: int, path: int) -> Grid:
    measured = f",{scale.suffix}" if unit == "hours" else ""
    if unit.startswith("money"):
        measured = f", {words.symbol(currency)}{scale.suffix}".rstrip()
    longest = max(len(bar.path) for bar in bars)
    heads = [Column("INPUT", True, min(longest, path)), Column("low to high", True)]
    heads += [Column(f"at low{measured}"), Column(f"at high{measured}")]
    heads += [Column("", left=True)] if size else []
    reach = max(max(abs(bar.low.mean), abs(bar.high.mean)) for bar in bars)
    rows = []
    for bar in bars:
        tone = PLAIN if bar.detected else FAINT
        row = [wrapped_name(bar.path, path), ends_text(bar.low.words, bar.high.words) + MARKS[bar.origin]]
        row += [effect(end, unit, scale) for end in (bar.low, bar.high)]
        row += [drawn_bar(bar, reach, size)] if size else []
        rows.append(tuple(Cell(text, tone) for text in row))
    return Grid(tuple(heads), tuple(rows))


def ends_text(low: str, high: str) -> str:
    """Write two ends, the words that they share said once.

    >>> ends_text("median 2.4 days", "median 3.75 days"), ends_text("-9.1%", "+10%")
    ('median 2.4 to 3.75 days', '-9.1% to +10%')
    """
    one, other = low.split(), high.split()
    ending = _shared(one[::-1], other[::-1])
    start = _shared(one[: len(one) - ending], other[: len(other) - ending])
    return f"{' '.join(one[: len(one) - ending])} to {' '.join(other[start:])}"


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the words that two texts begin with alike, at least one of each left over."""
    alike = 0
    while alike < min(len(one), len(other)) - 1 and one[alike] == other[alike]:
        alike += 1
    return alike


def drawn_bar(bar: InputEffect, reach: float, size: int) -> str:
    """Draw the bar of an input around an axis, `size` characters to each side; light where nothing is detected."""
    if not reach > 0:
        return " " * size + AXIS
    means = (bar.low.mean, bar.high.mean)
    sides = (-min(0.0, *means) / reach, max(0.0, *means) / reach)
    least = int(bar.detected)  # what is detected is seen
    left, right = (max(least, round(size * side)) if side > 0 else round(size * side) for side in sides)
    mark = FULL if bar.detected else GREY
    return f"{mark * left:>{size}}{AXIS}{mark * right}"


def effect(end: End, unit: str, scale: words.Scale) -> str:
    """Write a difference to today with its +/-, in the unit of the column."""
    if not math.isfinite(end.mean):
        return words.UNKNOWN
    if end.mean == 0 and not end.half_width > 0:
        return "0"
    factor, finest = (scale.factor, -2 if scale.factor >= 1e6 else 0) if unit.startswith("money") else (1.0, -2)
    if unit == "hours":
        factor = scale.factor
    if 0 < end.half_width < 0.95 * factor:
        finest = min(finest, -1)  # else it would look as if nothing were uncertain
    if unit == "share":
        factor = 0.01
    text = words.figure_with_width(end.mean / factor, end.half_width / factor, finest, signed=True)
    return f"{text} pt" if unit == "share" else text


def amount(mean: float, half_width: float, unit: str, currency: str) -> str:
    """Write a metric's value with its +/-, in its own unit."""
    if unit.startswith("money"):
        return words.money_with_width(mean, currency, half_width)
    if unit == "share":
        return f"{words.percent(mean, half_width)} {words.plus_minus(100 * half_width, -1)}".strip()
    if unit == "hours":
        return words.hours_with_width(mean, half_width)
    return words.figure_with_width(mean, half_width, -1)


# --- what belongs to it -----------------------------------------------------------------------------------------------


def difference(mean: float, half_width: float, unit: str, currency: str) -> str:
    """Write a difference with its +/-, in running text."""
    if not unit.startswith("money"):
        return effect(End("", mean, half_width), unit, words.ONE)
    return words.money_with_width(mean, currency, half_width, signed=True)


def _screened(page: Page, result: SensitivityResult) -> None:
    """Write which inputs the screening left without a bar, and what those with one hang on."""
    metric = result.today[0].metric
    told = [each for each in result.screened if each.metric == metric]
    if not told:
        return
    out = [each for each in told if not each.kept]
    currency, unit = result.scenario.currency, told[0].unit
    effects = (
        f"{each.path} {words.money(each.mean, currency, each.half_width)}"
        if unit.startswith("money")
        else f"{each.path} {amount(each.mean, each.half_width, unit, currency)}"
        for each in out
    )
    text = (
        f"{len(told)} inputs moved through their ranges along {result.trajectories} random ways (Morris); "
        f"the {len(told) - len(out)} that matter most have bars. Without one, with what a move "
        f"through the whole range does to {words.metric_words(metric).lower()} on average, luck included: "
    )
    page.line("SCREENED", text + ", ".join(effects))
    hang = [each.path for each in told if each.kept and each.spread > each.mean > 2 * each.half_width]
    if hang:
        page.line("", f"What these do hangs on the others: {', '.join(hang)}")


def _notes(page: Page, result: SensitivityResult) -> None:
    """Write what the ends are, what is left out and warned of, and how to get the same numbers again."""
    kinds = {bar.origin for bar in result.bars}
    ends = {
        "range": "* a range that you typed, 90% sure",
        "assumed": "? nobody typed it: a wide default band",
        "typed": f"{'unmarked' if len(kinds) > 1 else 'all'}: a default band around what you typed",
    }
    count = len({bar.path for bar in result.bars} | {each.path for each in result.screened})
    among = f"both ends of {count} input{'s' * (count != 1)}"
    light = f"A light bar cannot be told from no effect at all, adjusted for {among} (Holm)."
    page.line("LOW, HIGH", "; ".join(text for kind, text in ends.items() if kind in kinds) + f". {light}")
    page.line("LEFT OUT", "what you decide (reps, thresholds, structure), unless you type a range for it")
    off = [each.path for each in result.scenario.assumed if each.value_text in ("off", "none")]
    if off:
        page.line("", f"off, so that there is no size to move: {', '.join(off)}")
    for path, why in result.not_moved.items():
        page.line("", f"{path}: {why}")
    frame.note_warnings(page, result.warnings)
    frame.note_single(page, result)
    frame.note_again(page, result)
