"""Numbers that can be meant but hardly are: a share typed as a fraction of a percent, a deal in the wrong unit."""

from __future__ import annotations

from collections.abc import Iterator

from simfunnel import distributions
from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.telling import odd
from simfunnel.scenario.model import Scenario, mean_hours
from simfunnel.scenario.values import DurationDist
from simfunnel.units import number_text, share_text, significant

LEAST_RATE = 0.01
LEAST_DEAL, LARGEST_DEAL = 10.0, 10e6
MOST_EFFORT_H = 40.0
MOST_GROWTH = 1.0


def slip_rules(scenario: Scenario) -> Iterator[Problem]:
    """Rates below 1%, deals below 10 or above 10M, tasks of more than 40 hours, growth above 100% a year."""
    yield from _rates(scenario)
    for name, channel in scenario.channels.items():
        value = distributions.mean(channel.deal_value.compile())
        if not LEAST_DEAL <= value <= LARGEST_DEAL:
            size = "small" if value < LEAST_DEAL else "large"
            rule = f"is a {size} deal: {significant(value, 6, ',')} {scenario.currency} on average"
            yield odd(("channels", name, "deal_value"), rule, "see that no k or M is missing or too many")
        if channel.growth > MOST_GROWTH:
            rule = f"makes the volume {significant(channel.growth + 1, 3)} times as large in a year"
            remedy = f"see that {share_text(channel.growth / 100)} is not meant"
            yield odd(("channels", name, "growth"), rule, remedy, share_text(channel.growth))
    for index, stage in enumerate(scenario.stages):
        yield from _effort(("stages", index, "effort"), stage.effort)
    effort = scenario.acceptance.effort if scenario.acceptance is not None else None
    yield from _effort(("acceptance", "effort"), effort if isinstance(effort, DurationDist) else None)


def _rates(scenario: Scenario) -> Iterator[Problem]:
    rates: list[tuple[Path, float | None]] = [(("qualification", "mql_rate"), scenario.qualification.mql_rate)]
    rates += [(("channels", name, "mql_rate"), channel.mql_rate) for name, channel in scenario.channels.items()]
    rates.append((("acceptance", "rate"), None if scenario.acceptance is None else scenario.acceptance.rate))
    rates += [(("stages", index, "conversion"), stage.conversion) for index, stage in enumerate(scenario.stages)]
    last = len(scenario.stages) - 1
    for path, rate in rates:
        if rate is None or rate >= LEAST_RATE:
            continue
        if rate > 0.0:
            meant = share_text(float(f"{rate * 100:.9g}"))
            yield odd(path, "is below 1%", f"see that {meant} is not meant", share_text(rate))
        elif path == ("stages", last, "conversion"):
            yield odd(path, "lets nobody win", "write a share above 0%", "0%")


def _effort(path: Path, effort: DurationDist | None) -> Iterator[Problem]:
    hours = mean_hours(effort)
    if hours > MOST_EFFORT_H:
        rule = f"is {number_text(float(f'{hours:.4g}'))} hours of work for one task, on average"
        yield odd(path, rule, "see that minutes or hours are meant")
