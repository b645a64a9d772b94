"""The frame of every screen: heading and contradictions above, notes and how to get the numbers again below."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta

from simfunnel.errors import contradicts
from simfunnel.report import words
from simfunnel.report.terminal import BAD, FAINT, GOOD, Cell, Page
from simfunnel.scenario import Scenario
from simfunnel.stats import Precision
from simfunnel.study import Amount, BridgeResult, Header, RunResult, Spread
from simfunnel.units import significant

TONES = {"better": GOOD, "worse": BAD}  # of a difference, by its verdict
MONTH_DAYS = 365 / 12
SETTLED = "long before the period: the pipeline has settled"


def headed(scenario: Scenario, years: int, warnings: Iterable[str], width: int, colour: bool, ending: str = "") -> Page:
    """Begin the page of a study of so many simulated years: its title, its period and what contradicts itself."""
    page = Page(width, colour)
    last = scenario.start + timedelta(days=scenario.period.n_days - 1)
    period = f"{words.day_text(scenario.start)} to {words.day_text(last)}"
    page.title(scenario.title, f"{period}, {words.simulated(years, year_word(scenario))}{ending}")
    found = [warning for warning in warnings if contradicts(warning)]
    for warning in found:
        page.line("ODD", Cell(warning, BAD))
    if found:
        page.blank()
    return page


def year_word(scenario: Scenario) -> str:
    """Name what a replication of a scenario is: a year, or a period."""
    return words.span(scenario.period.n_days)


def months_of(scenario: Scenario) -> float:
    """Count the months of a scenario's period, each a twelfth of a year."""
    return scenario.period.n_days / MONTH_DAYS


def file_name(scenario: Scenario) -> str:
    """Name the file of a scenario as a command takes it."""
    return scenario.file or "FILE"


def assumed_inputs(scenario: Scenario) -> int:
    """Count the inputs that are not typed, not even as a range."""
    ranges = {each.path for each in scenario.ranges}
    return sum(each.path not in ranges for each in scenario.assumed)


def start_words(start: str, scenario: Scenario, or_own: str = " or their own date") -> str:
    """Say when what-ifs begin; `or_own` where they may have dates of their own."""
    if start == "settled":
        return SETTLED
    return f"on {words.day_text(start_day(start, scenario))}{or_own}, with today's pipeline in flight"


def start_day(start: str, scenario: Scenario) -> date:
    """Return the day on which a plan begins: the period's first, or the one asked for."""
    return scenario.start if start == "period" else date.fromisoformat(start)


def number(value: Amount, finest: int = 0) -> str:
    """Write a count, rounded as its half-width allows."""
    return words.figure(value.mean, value.half_width, finest)


def spread_text(found: Spread, of: str) -> str:
    """Say how much `of` a spread is not knowing the inputs, the rest being luck."""
    high = words.percent(found.high)
    if found.floored:
        return f"luck; not knowing the inputs adds nothing that can be told, {high} of it at most"
    share, low = words.percent(found.share), words.percent(found.low)
    return f"{share} of {of} is not knowing the inputs ({low} to {high}), the rest is luck"


def note_assumed(page: Page, scenario: Scenario) -> None:
    """Write how many inputs are assumed, and where they are listed."""
    if count := assumed_inputs(scenario):
        text = f"{count} inputs are assumed, not typed: simfunnel check {file_name(scenario)} lists them"
        page.line("ASSUMED", text)


def note_warnings(page: Page, warnings: Iterable[str]) -> None:
    """Write the warnings that are no contradictions."""
    for warning in warnings:
        if not contradicts(warning):
            page.line("NOTE", warning)


def note_single(page: Page, result: Header) -> None:
    """Write that a single replication tells nothing from luck, where there is no other."""
    if result.replications == 1:
        word = year_word(result.scenario)
        page.line("NOTE", f"one simulated {word} cannot tell a difference from luck: ask for more --replications")


def note_precision(page: Page, start: str, end: str, result: RunResult | BridgeResult) -> None:
    """Write the precision achieved, if it is known."""
    if text := precision_text(start, end, result.precision, result.auto):
        page.line("", Cell(text, FAINT), 0)


def precision_text(start: str, end: str, precision: Precision, auto: bool) -> str:
    """Say the precision achieved, and the one wanted when replications were left to the program; empty when unknown."""
    if not math.isfinite(precision.achieved):
        return ""
    text = f"{start} +/- {significant(100 * precision.achieved, 2)}%{end}"
    if not auto:
        return f"{text}."
    reached = "reached" if precision.achieved <= precision.wanted else "not reached"
    return f"{text}; wanted {significant(100 * precision.wanted, 2)}%, {reached}."


def note_again(page: Page, result: Header) -> None:
    """Write how to get the same numbers again."""
    text = f"Same numbers again: --seed {result.seed} --replications {result.replications}; engine {result.engine}."
    page.line("", Cell(text, FAINT), 0)
