"""The screen of a check."""

from __future__ import annotations

import math

from simfunnel.errors import contradicts
from simfunnel.metrics import EVERYTHING
from simfunnel.report import words
from simfunnel.report.screens import frame
from simfunnel.report.screens.sensitivity import difference
from simfunnel.report.terminal import BAD, GOOD, Cell, Column, Grid, Page, table
from simfunnel.study import CheckResult, LeastKnown, Part, RunResult, TypedRate
from simfunnel.study.run.study import TOLD

OF_POOLS = (("reps", "pool"), ("busy_share", "pool"), ("response_median", "pool"))
ON_SCREEN = tuple(
    (metric, split) for metric, split in EVERYTHING if split == "" or (metric, split) in (*OF_POOLS, *TOLD)
)
"""What a check measures, for its screen and its JSON alike."""

NOTHING_MOVES = "none of them changes revenue detectably"
LONGEST_PATH = 40


def check_screen(result: CheckResult, width: int = 100, colour: bool = False) -> str:
    """Write a check as a page of text, at most `width` columns."""
    scenario, file = result.scenario, frame.file_name(result.scenario)
    page = Page(width, colour)
    page.title(scenario.title, file)
    for warning in result.warnings:
        page.line("ODD", Cell(warning, BAD) if contradicts(warning) else warning)
    if not result.warnings:
        page.line("", "Nothing odd.", 0)
    page.blank()
    if scenario.assumed:  # inputs, and typed ranges at their middles
        inputs = frame.assumed_inputs(scenario)
        ranges = len(scenario.assumed) - inputs
        heading = f"ASSUMED, {inputs} input{'s' * (inputs != 1)}"
        if ranges:
            heading += f", {ranges} range{'s' * (ranges != 1)}"
        widest = min(max(len(heading), *(len(each.path) for each in scenario.assumed)), LONGEST_PATH)
        columns = (Column(heading, True, widest), Column("value", left=True), Column("why", left=True))
        page.grid(Grid(columns, tuple((each.path, each.value_text, each.why) for each in scenario.assumed)))
    else:
        page.line("", "Nothing is assumed.", 0)
    if result.run is not None and result.run.known is not None:
        page.blank()
        _least_known(page, result.run.known, scenario.currency, file)
    for grid in _simulated(result, result.run) if result.run is not None else ():
        if grid.rows:
            page.blank()
            page.grid(grid)
    if scenario.what_ifs:
        page.blank()
        page.line("WHAT-IFS", ", ".join(scenario.what_ifs))
    return page.text()


def _least_known(page: Page, known: LeastKnown, currency: str, file: str) -> None:
    """Write which of the inputs that are not known exactly moves revenue most, and by how much."""
    labels = iter(("KNOW", *("" for _ in known.most)))
    for bar in known.most:
        effects = (
            f"at {end.words}: {difference(end.mean, end.half_width, bar.unit, currency)}" for end in (bar.low, bar.high)
        )
        page.line(next(labels), f"{bar.path} moves revenue most, {'; '.join(effects)}")
    text = f"{known.moved} of the inputs that nobody typed exactly can be moved"
    if not known.most:
        text += f"; {'too few simulated years to tell which matters' if known.too_few else NOTHING_MOVES}"
    page.line(next(labels), f"{text}: simfunnel sensitivity {file}")


def _simulated(result: CheckResult, run: RunResult) -> tuple[Grid, Grid, Grid]:
    """Show what typed rates mean for each channel, how full the teams are, and whether typed rates come out."""
    solved = (
        (
            each.channel,
            words.percent(each.share),
            words.figure(each.quality, finest=-2, signed=True),
            words.figure(each.score_bias, finest=-1, signed=True),
            "all pass" if each.threshold == -math.inf else words.figure(each.threshold, finest=-1),
        )
        for each in result.solved
    )
    loads = (
        (
            pool,
            words.heads(run.reps(pool).mean),
            words.percent(*run.busy(pool)),
            words.hours(*run.value("response_median", Part(pool=pool))),
        )
        for pool in result.scenario.pools
    )
    typed = []
    for rate in result.typed:
        verdict = Cell("ok", GOOD) if rate.met else Cell("differs", BAD)
        typed.append((rate.path, *typed_figures(rate), verdict if math.isfinite(rate.simulated) else "not seen"))
    heading = f"TYPED AGAINST SIMULATED, {run.replications} simulated years"
    return (
        table(("CHANNELS, as solved", "share of leads", "quality, sd", "score flatters by", "threshold"), solved),
        table(("TEAM", "reps", "busy", "first reply"), loads),
        table((heading, "typed", "simulated", "+/-", ""), typed, left=(0, 4)),
    )


def typed_figures(rate: TypedRate) -> tuple[str, str, str]:
    """Write a typed number, what is simulated, and its half-width; rates in percent, times in what fits the typed."""
    if rate.unit == "hours":
        scale = words.DAY if rate.typed >= words.DAY.factor else words.time_scale(rate.typed)
        times = [hours / scale.factor for hours in (rate.typed, rate.simulated, rate.half_width)]
        typed, shown = (f"{words.figure(value, finest=-1).removesuffix('.0')}{scale.suffix}" for value in times[:2])
        return typed, shown, words.plus_minus(times[2], -1).removeprefix("+/- ")
    shown = words.percent(rate.simulated, rate.half_width)
    return words.percent(rate.typed), shown, words.plus_minus(100 * rate.half_width, -1).removeprefix("+/- ")
