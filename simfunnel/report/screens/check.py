"""The screen of a check."""

from __future__ import annotations

import math

from simfunnel.errors import contradicts
from simfunnel.report import words as w
from simfunnel.report.check_view import CheckView
from simfunnel.report.screens.sensitivity import difference
from simfunnel.report.terminal import BAD, GOOD, Cell, Column, Grid, Page
from simfunnel.study import TypedRate

NOTHING_MOVES = "none of them changes revenue detectably"
LONGEST_PATH = 40


def check_screen(view: CheckView, width: int = 100, colour: bool = False) -> str:
    """The check as a page of text, at most `width` columns."""
    page = Page(width, colour)
    page.title(view.title, view.file)
    for warning in view.warnings:
        page.line("ODD", Cell(warning, BAD) if contradicts(warning) else warning)
    if not view.warnings:
        page.line("", "Nothing odd.", 0)
    _assumed(page, view)
    _know(page, view)
    _solved(page, view)
    _loads(page, view)
    _typed(page, view)
    if view.what_ifs:
        page.blank()
        page.line("WHAT-IFS", ", ".join(view.what_ifs))
    return page.text()


def _assumed(page: Page, view: CheckView) -> None:
    page.blank()
    if not view.assumed:
        page.line("", "Nothing is assumed.", 0)
        return
    inputs = len(view.assumed) - view.ranges
    heading = f"ASSUMED, {inputs} input{'s' * (inputs != 1)}"
    if view.ranges:
        heading += f", {view.ranges} range{'s' * (view.ranges != 1)}"
    widest = max(len(heading), *(len(each.path) for each in view.assumed))
    columns = (Column(heading, True, min(widest, LONGEST_PATH)), Column("value", left=True), Column("why", left=True))
    page.grid(Grid(columns, tuple((each.path, each.value_text, each.why) for each in view.assumed)))


def _know(page: Page, view: CheckView) -> None:
    """Which of the inputs that are not known exactly moves revenue most, and by how much."""
    if view.known is None:
        return
    page.blank()
    label = "KNOW"
    for bar in view.known.most:
        effects = (
            f"at {end.words}: {difference(end.mean, end.half_width, bar.unit, view.currency)}"
            for end in (bar.low, bar.high)
        )
        page.line(label, f"{bar.path} moves revenue most, {'; '.join(effects)}")
        label = ""
    moved = f"{view.known.moved} of the inputs that nobody typed exactly can be moved"
    none = "too few simulated years to tell which matters" if view.known.too_few else NOTHING_MOVES
    text = moved if view.known.most else f"{moved}; {none}"
    page.line(label, f"{text}: simfunnel sensitivity {view.file}")


def _solved(page: Page, view: CheckView) -> None:
    if not view.solved:
        return
    page.blank()
    names = ("share of leads", "quality, sd", "score flatters by", "threshold")
    columns = (Column("CHANNELS, as solved", left=True), *(Column(name) for name in names))
    rows = tuple(
        (
            each.channel,
            w.percent(each.share),
            w.figure(each.quality, finest=-2, signed=True),
            w.figure(each.score_bias, finest=-1, signed=True),
            "all pass" if each.threshold == -math.inf else w.figure(each.threshold, finest=-1),
        )
        for each in view.solved
    )
    page.grid(Grid(columns, rows))


def _loads(page: Page, view: CheckView) -> None:
    if not view.loads:
        return
    page.blank()
    names = ("reps", "busy", "first reply")
    columns = (Column("TEAM", left=True), *(Column(name) for name in names))
    rows = tuple(
        (
            each.pool,
            w.heads(each.reps.mean),
            w.percent(*each.busy),
            w.hours(*each.reply),
        )
        for each in view.loads
    )
    page.grid(Grid(columns, rows))


def _typed(page: Page, view: CheckView) -> None:
    if not view.typed:
        return
    page.blank()
    heading = f"TYPED AGAINST SIMULATED, {view.replications} simulated years"
    columns = (Column(heading, left=True), Column("typed"), Column("simulated"), Column("+/-"), Column("", left=True))
    rows = tuple(
        (
            rate.path,
            *typed_figures(rate),
            _verdict(rate),
        )
        for rate in view.typed
    )
    page.grid(Grid(columns, rows))


def _verdict(rate: TypedRate) -> Cell:
    if not math.isfinite(rate.simulated):
        return Cell("not seen")
    return Cell("ok", GOOD) if rate.met else Cell("differs", BAD)


def typed_figures(rate: TypedRate) -> tuple[str, str, str]:
    """A typed number, what is simulated, and its half-width; rates in percent, times in days, less in what fits it."""
    if rate.unit == "hours":
        scale = w.DAY if rate.typed >= w.DAY.factor else w.time_scale(rate.typed)
        times = [hours / scale.factor for hours in (rate.typed, rate.simulated, rate.half_width)]
        typed, shown = (f"{w.figure(value, finest=-1).removesuffix('.0')}{scale.suffix}" for value in times[:2])
        return typed, shown, w.plus_minus(times[2], -1).removeprefix("+/- ")
    shown = w.percent(rate.simulated, rate.half_width)
    return w.percent(rate.typed), shown, w.plus_minus(100 * rate.half_width, -1).removeprefix("+/- ")
