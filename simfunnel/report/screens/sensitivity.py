"""The screen of a sensitivity study: a tornado for each metric, and what must be known to read it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from simfunnel.report import words as w
from simfunnel.report.run_view import period_days
from simfunnel.report.screens.run import period_text, provenance
from simfunnel.report.terminal import FAINT, PLAIN, Cell, Column, Grid, Page, wrapped_name
from simfunnel.report.words import contradictions, notes
from simfunnel.study import End, Estimate, InputBar, SensitivityResult

FULL, GREY, AXIS = "█", "░", "|"
BAR_SIZES = (10, 5, 0)  # characters on either side of the axis
PATH_WIDTHS = (36, 28, 22)  # of a path, before it goes on in the next line
MARKS = {"range": " *", "assumed": " ?", "typed": ""}
NO_DIFFERENCE = w.NOT_DETECTED


def sensitivity_screen(result: SensitivityResult, width: int = 100, colour: bool = False) -> str:
    """The study as a page of text, at most `width` columns."""
    page = Page(width, colour)
    first, last = period_days(result.scenario)
    word = w.span(first, last)
    page.title(
        result.scenario.title, f"{period_text(first, last)}, {w.simulated(result.replications, word)} at each end"
    )
    contradictions(page, result.warnings)
    plan = "" if result.plan == "today" else f" Of the plan {result.plan}."
    rest = "as it is" if result.not_knowing is None else "as it is, ranges at their middles"
    text = f"Each input alone at its low and its high end, the rest {rest}; typed rates hold at both ends."
    page.line("", f"{text} Same leads, same luck.{plan}", 0)
    for today in result.today:
        page.blank()
        _tornado(page, result, today, word)
    page.blank()
    _together(page, result)
    _spread(page, result, word)
    _screened(page, result)
    _notes(page, result, word)
    return page.text()


# --- the tornado -----------------------------------------------------------------------------------------------------


def _tornado(page: Page, result: SensitivityResult, today: Estimate, word: str) -> None:
    bars = result.bars_of(today.metric)
    words, currency = w.metric_words(today.metric), result.scenario.currency
    if math.isnan(today.mean):
        page.line(words.upper(), f"has no value in {w.simulated(result.replications, word)}: nothing to move")
        return
    page.line(words.upper(), f"{amount(today.mean, today.half_width, today.unit, currency)} today")
    if not bars:
        page.line("", "no input could be moved", 2)
        return
    largest = max(abs(end.mean) for bar in bars for end in (bar.low, bar.high))
    scale = w.time_scale(largest, working=True) if today.unit == "hours" else w.scale_of(largest)
    grids = [
        (size, _grid(bars, today.unit, currency, scale, size, path))
        for size, path in itertools.product(BAR_SIZES, PATH_WIDTHS)
        if size < BAR_SIZES[0] or path == PATH_WIDTHS[0]  # a path on one line is worth more than a long bar
    ]
    size, grid = next((each for each in grids if page.fits(each[1])), grids[-1])
    page.grid(grid)
    page.line("", _answer(bars, drawn=size > 0), 0)


def _grid(bars: Sequence[InputBar], unit: str, currency: str, scale: w.Scale, size: int, path: int) -> Grid:
    measured = f",{scale.suffix}" if unit == "hours" else ""
    if unit.startswith("money"):
        measured = f", {w.symbol(currency)}{scale.suffix}".rstrip()
    longest = max(len(bar.path) for bar in bars)
    heads = (Column("INPUT", True, min(longest, path)), Column("low to high", True))
    effects = (Column(f"at low{measured}"), Column(f"at high{measured}"))
    drawn = (Column("", left=True),) if size else ()
    reach = max(max(abs(bar.low.mean), abs(bar.high.mean)) for bar in bars)
    rows = []
    for bar in bars:
        tone = PLAIN if bar.detected else FAINT
        cells = (wrapped_name(bar.path, path), ends_text(bar.low.words, bar.high.words) + MARKS[bar.origin])
        told = tuple(effect(end, unit, scale) for end in (bar.low, bar.high))
        shape = (drawn_bar(bar, reach, size),) if size else ()
        rows.append(tuple(Cell(text, tone) for text in (*cells, *told, *shape)))
    return Grid((*heads, *effects, *drawn), tuple(rows))


def ends_text(low: str, high: str) -> str:
    """Two ends with the words that they share said once.

    >>> ends_text("median 2.4 days", "median 3.75 days"), ends_text("-9.1%", "+10%")
    ('median 2.4 to 3.75 days', '-9.1% to +10%')
    """
    one, other = low.split(), high.split()
    ending = _shared(one[::-1], other[::-1])
    start = _shared(one[: len(one) - ending], other[: len(other) - ending])
    return f"{' '.join(one[: len(one) - ending])} to {' '.join(other[start:])}"


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two texts begin with alike, at least one of each left over."""
    alike = 0
    while alike < min(len(one), len(other)) - 1 and one[alike] == other[alike]:
        alike += 1
    return alike


def drawn_bar(bar: InputBar, reach: float, size: int) -> str:
    """The bar of an input around an axis, `size` characters to each side; light where nothing is detected."""
    if not reach > 0:
        return " " * size + AXIS
    means = (bar.low.mean, bar.high.mean)
    left, right = (_length(side / reach, size, bar.detected) for side in (-min(0.0, *means), max(0.0, *means)))
    mark = FULL if bar.detected else GREY
    return f"{mark * left:>{size}}{AXIS}{mark * right}"


def _length(share: float, size: int, detected: bool) -> int:
    """Characters of one side of a bar; what is detected is seen."""
    return max(1, round(size * share)) if detected and share > 0 else round(size * share)


def effect(end: End, unit: str, scale: w.Scale) -> str:
    """A difference to today with its +/-, in the unit of the column."""
    if not math.isfinite(end.mean):
        return w.UNKNOWN
    if end.mean == 0 and not end.half_width > 0:
        return "0"
    factor, finest = (scale.factor, -2 if scale.factor >= 1e6 else 0) if unit.startswith("money") else (1.0, -2)
    if unit == "hours":
        factor = scale.factor
    if 0 < end.half_width < 0.95 * factor:
        finest = min(finest, -1)  # else it would look as if nothing were uncertain
    if unit == "share":
        factor = 0.01
    text = w.figure(end.mean / factor, end.half_width / factor, finest, signed=True)
    return f"{text} {w.plus_minus(end.half_width / factor, finest)}".strip() + (" pt" if unit == "share" else "")


def amount(mean: float, half_width: float, unit: str, currency: str) -> str:
    """A metric's value with its +/-, in its own unit."""
    if unit.startswith("money"):
        scale = w.scale_of(mean)
        told = w.money(mean, currency, half_width, scale=scale)
        return f"{told} {w.money_plus_minus(half_width, currency, scale)}".strip()
    if unit == "share":
        return f"{w.percent(mean, half_width)} {w.plus_minus(100 * half_width, -1)}".strip()
    if unit == "hours":
        return w.hours_with_width(mean, half_width)
    return f"{w.figure(mean, half_width, -1)} {w.plus_minus(half_width, -1)}".strip()


def _answer(bars: Sequence[InputBar], drawn: bool) -> str:
    """Which input moves the metric most, and which do not detectably: told by name where no bars are drawn."""
    found = [bar.path for bar in bars if bar.detected]
    if not found:
        return "No input moves it detectably."
    rest = [bar.path for bar in bars if not bar.detected]
    others = f"{len(rest)} in light bars, or none" if drawn else ", ".join(rest)
    nothing = f"; {others}: {NO_DIFFERENCE}" if rest else ""
    return f"{found[0]} moves it most; {len(found)} of {len(bars)} inputs move it detectably{nothing}."


# --- what belongs to it ----------------------------------------------------------------------------------------------


def _together(page: Page, result: SensitivityResult) -> None:
    label, currency = "TOGETHER", result.scenario.currency
    for pair in result.together:
        both = " and ".join(f"{path} at {end}" for path, end in zip(pair.paths, pair.ends, strict=True))
        size = difference(pair.mean, pair.half_width, pair.unit, currency)
        found = f"{size} beyond the sum of their bars" if pair.detected else f"{NO_DIFFERENCE} to the sum of their bars"
        page.line(label, f"{both}: {found}")
        label = ""


def difference(mean: float, half_width: float, unit: str, currency: str) -> str:
    """A difference with its +/-, in running text."""
    if not unit.startswith("money"):
        return effect(End("", mean, half_width), unit, w.ONE)
    scale = w.scale_of(mean)
    size = w.money(mean, currency, half_width, signed=True, scale=scale)
    return f"{size} {w.money_plus_minus(half_width, currency, scale)}"


def _spread(page: Page, result: SensitivityResult, word: str) -> None:
    known = result.not_knowing
    found = known.of(result.today[0].metric) if known is not None else None
    if known is None or found is None:
        return
    ranges = f"{len(known.ranges)} typed range{'s' * (len(known.ranges) != 1)}"
    drawn = f"({ranges} drawn {known.draws} times, {known.years} {word}s each)"
    metric = w.metric_words(found.metric).lower()
    if found.floored:
        text = f"the spread of {metric} is luck; not knowing the inputs adds nothing that can be told, "
        page.line("SPREAD", f"{text}{w.percent(found.high)} of it at most {drawn}")
        return
    interval = f"({w.percent(found.low)} to {w.percent(found.high)})"
    text = f"{w.percent(found.share)} of the spread of {metric} is not knowing the inputs {interval}, the rest is luck"
    page.line("SPREAD", f"{text} {drawn}")


def _screened(page: Page, result: SensitivityResult) -> None:
    metric = result.today[0].metric
    told = [each for each in result.screened if each.metric == metric]
    if not told:
        return
    out = [each for each in told if not each.kept]
    words = w.metric_words(metric).lower()
    text = (
        f"{len(told)} inputs moved through their ranges along {result.trajectories} random ways (Morris); "
        f"the {len(told) - len(out)} that matter most have bars. Without one, with what a move "
        f"through the whole range does to {words} on average, luck included: "
    )
    currency, unit = result.scenario.currency, told[0].unit
    page.line("SCREENED", text + ", ".join(f"{e.path} {_size(e.mean, e.half_width, unit, currency)}" for e in out))
    hang = [each.path for each in told if each.kept and each.spread > each.mean > 2 * each.half_width]
    if hang:
        page.line("", f"What these do hangs on the others: {', '.join(hang)}")


def _size(mean: float, half_width: float, unit: str, currency: str) -> str:
    if not unit.startswith("money"):
        return amount(mean, half_width, unit, currency)
    return w.money(mean, currency, half_width)


def _notes(page: Page, result: SensitivityResult, word: str) -> None:
    page.line("LOW, HIGH", _ends(result))
    page.line("LEFT OUT", "what you decide (reps, thresholds, structure), unless you type a range for it")
    off = [each.path for each in result.scenario.assumed if each.value_text in ("off", "none")]
    if off:
        page.line("", f"off, so that there is no size to move: {', '.join(off)}")
    for path, why in result.not_moved.items():
        page.line("", f"{path}: {why}")
    notes(page, result.warnings)
    if result.replications == 1:
        page.line("NOTE", f"one simulated {word} cannot tell a difference from luck: ask for more --replications")
    page.line("", Cell(provenance(result.seed, result.replications, result.engine), FAINT), 0)


def _ends(result: SensitivityResult) -> str:
    """What the ends are, of the kinds that there are, and what a light bar is."""
    kinds = {bar.origin for bar in result.bars}
    told = {
        "range": "* a range that you typed, 90% sure",
        "assumed": "? nobody typed it: a wide default band",
        "typed": f"{'unmarked' if len(kinds) > 1 else 'all'}: a default band around what you typed",
    }
    count = len({bar.path for bar in result.bars} | {each.path for each in result.screened})
    among = f"both ends of {count} input{'s' * (count != 1)}"
    light = f"A light bar cannot be told from no effect at all, adjusted for {among} (Holm)."
    return "; ".join(text for kind, text in told.items() if kind in kinds) + f". {light}"
