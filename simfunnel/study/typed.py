"""The rates that a planner typed, beside what the base shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf, isnan

from simfunnel.errors import path_text
from simfunnel.scenario import Scenario
from simfunnel.study.result import WHOLE, Estimate, Part, TypedRate

TOLERANCE = 0.005


def rates_typed(scenario: Scenario) -> dict[str, float]:
    """Every typed conversion, acceptance and MQL rate, by path."""
    return {path: rate for path, rate, _, _ in _typed(scenario)}


def typed_rates(
    scenario: Scenario, estimates: Sequence[Estimate], drawn: Mapping[str, float] | None = None
) -> tuple[TypedRate, ...]:
    """Every typed conversion, acceptance and MQL rate with its simulated value on the base.

    `estimates`: those of the base come first. `drawn`: means of the rates over draws of the inputs. A rate
    counts as met within 0.5 points or two half-widths, and with a single replication, whose half-width is unknown; one
    that was never measured (no decision in the period) is not.
    """
    found: dict[tuple[str, Part], Estimate] = {}
    for each in estimates:
        found.setdefault((each.metric, each.part), each)
    rates = []
    for path, rate, metric, part in _typed(scenario):
        shown, typed = found.get((metric, part)), (drawn or {}).get(path, rate)
        if shown is not None:
            within = inf if isnan(shown.half_width) else max(TOLERANCE, 2 * shown.half_width)
            met = abs(shown.mean - typed) <= within
            rates.append(TypedRate(path, typed, shown.mean, shown.half_width, met, shown.se_cal))
    return tuple(rates)


def _typed(scenario: Scenario) -> Iterator[tuple[str, float, str, Part]]:
    if scenario.qualification is not None and scenario.qualification.mql_rate is not None:
        yield "qualification.mql_rate", scenario.qualification.mql_rate, "mql_rate", WHOLE
    for name, channel in scenario.channels.items():
        if channel.mql_rate is not None:
            yield path_text(("channels", name, "mql_rate")), channel.mql_rate, "mql_rate", Part(channel=name)
    if scenario.acceptance is not None:
        yield "acceptance.rate", scenario.acceptance.rate, "acceptance_rate", WHOLE
    for stage in scenario.stages:
        yield path_text(("stages", stage.name, "conversion")), stage.conversion, "conversion", Part(stage=stage.name)
