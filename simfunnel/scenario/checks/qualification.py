"""Thresholds, rates and accuracies that cannot hold together."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simfunnel.errors import Problem
from simfunnel.scenario.checks.wording import listed, odd, wrong
from simfunnel.scenario.model import Scenario
from simfunnel.units import share_text, significant

SAME_RATE = 0.005  # rates of channels may differ from the overall one by half a point, as CRM figures are rounded
ROUNDING = 1e-9
HARDLY = 1e-6  # of the leads


def qualification_rules(scenario: Scenario) -> Iterator[Problem]:
    """No bar, contradicting rates, an agreement that no two judges can have, nurture that is not there."""
    yield from _bar(scenario)
    yield from _rates_add_up(scenario)
    yield from _shares_of_channels(scenario)
    yield from _agreement(scenario)
    yield from _nurture(scenario)


def _bar(scenario: Scenario) -> Iterator[Problem]:
    bar = scenario.qualification
    if bar.threshold is None and bar.mql_rate is None:
        known = _rate_of_channels(scenario)
        remedy = "add threshold, e.g. threshold: 60, or mql_rate, e.g. mql_rate: 30%"
        if known is not None:
            remedy = f"add mql_rate: {known:.1%}, which is what the channels' own rates make together"
        yield wrong(("qualification",), "says neither threshold nor mql_rate", remedy, at_key=True)
    elif bar.mql_rate is None:
        missing = [name for name in scenario.channels if bar.threshold_of(name) is None]
        if missing:
            rule = f"has no bar for {listed(missing)}"
            yield wrong(("qualification", "threshold"), rule, "add the channel, or a default")


def _rate_of_channels(scenario: Scenario) -> float | None:
    """The overall rate that the channels' own rates make; None unless all type one."""
    rates = {name: channel.mql_rate for name, channel in scenario.channels.items()}
    weights = scenario.weights
    known = {name: rate for name, rate in rates.items() if rate is not None}
    if not known or any(name not in known and weights[name] > 0 for name in rates):
        return None
    return math.fsum(weights[name] * rate for name, rate in known.items())


def _rates_add_up(scenario: Scenario) -> Iterator[Problem]:
    typed, together = scenario.qualification.mql_rate, _rate_of_channels(scenario)
    if typed is not None and together is not None and abs(typed - together) > SAME_RATE:
        rule = f"contradicts the channels' own mql_rates, which make {together:.1%} of all leads qualify"
        remedy = f"write {together:.1%}, or drop the mql_rate of one channel"
        yield wrong(("qualification", "mql_rate"), rule, remedy, share_text(typed))


def _shares_of_channels(scenario: Scenario) -> Iterator[Problem]:
    for name, channel in scenario.channels.items():
        for field, share in (("win_rate", channel.win_rate), ("mql_rate", channel.mql_rate)):
            if share is not None and not 0.0 < share < 1.0:
                rule = "is not between 0% and 100%, so that no quality or score explains it"
                yield wrong(
                    ("channels", name, field), rule, f"write a share in between, or drop {field}", share_text(share)
                )


def _agreement(scenario: Scenario) -> Iterator[Problem]:
    acceptance = scenario.acceptance
    if acceptance is None or acceptance.agreement is None:
        return
    score, judgement = scenario.score.accuracy.typed_correlation, acceptance.accuracy.typed_correlation
    if score is not None and judgement is not None:
        problem = agreement_problem(score, judgement, acceptance.agreement)
        if problem is not None:
            yield problem


def agreement_problem(r_score: float, r_assessment: float, agreement: float) -> Problem | None:
    """The problem of an agreement that two judges with these correlations with quality cannot have; None when they can.

    Possible is r_S r_A +- sqrt((1 - r_S^2)(1 - r_A^2)); at r_S = 1 only r_A.
    """
    middle = r_score * r_assessment
    reach = math.sqrt(max(0.0, (1.0 - r_score**2) * (1.0 - r_assessment**2)))
    if abs(agreement - middle) <= reach + ROUNDING:
        return None
    low, high = middle - reach, middle + reach
    rule = (
        f"is impossible: with a score accuracy of {significant(r_score, 3)} "
        f"and sales' accuracy of {significant(r_assessment, 3)} "
        f"(correlations with true quality) their agreement lies between {low:.3f} and {high:.3f}"
    )
    remedy = f"write a number from {low:.3f} to {high:.3f}, or leave the line out"
    return Problem(("acceptance", "agreement"), agreement, rule, remedy)


def bar_problem(scenario: Scenario, channel: str | None, share: float) -> Problem:
    """A threshold that (nearly) nobody or everybody reaches, a `share` of the leads of one channel or of all."""
    score, bar = scenario.score, scenario.qualification
    scale = f"scores have a mean of {significant(score.mean, 6)} and a standard deviation of {significant(score.sd, 6)}"
    if channel is not None:
        rule = f"sends leads of which not one in a million reaches the threshold: {scale}, score_bias added"
        return odd(("channels", channel), rule, "lower its threshold, or see to its score_bias", at_key=True)
    path = ("qualification", "threshold" if bar.mql_rate is None else "mql_rate")
    known = bar.mql_rate if bar.mql_rate is not None else next(map(bar.threshold_of, scenario.channels), None)
    typed = int(known) if known is not None and known.is_integer() else known
    if share > 0.5:
        rule = f"is reached by everybody: {scale}, so that the score selects nobody"
        if share < 1.0 - HARDLY:
            rule = f"lets {share:.1%} of all leads qualify: {scale}, so that the score hardly selects"
        return odd(path, rule, "write a higher threshold, or mql_rate: 100% if that is meant", typed)
    rule = f"is reached by nobody, not by one lead in a million: {scale}"
    if share > HARDLY:
        rule = f"lets only {significant(100.0 * share, 2)}% of all leads qualify: {scale}"
    return odd(path, rule, "write a lower threshold", typed)


def _nurture(scenario: Scenario) -> Iterator[Problem]:
    users = nurture_users(scenario)
    if scenario.nurture is None:
        for path in users:
            yield wrong(path, "sends leads into nurture, but there is no nurture", "add nurture: {delay: 21 days}")
    elif not users:
        rule = "is typed, but nobody is sent there"
        yield odd(("nurture",), rule, "send near misses, rejected or lost leads to nurture", at_key=True)


def nurture_users(scenario: Scenario) -> list[tuple[str | int, ...]]:
    """Paths of everything that sends leads into nurture."""
    found: list[tuple[str | int, ...]] = []
    bar = scenario.qualification
    if bar.near_miss > 0 and bar.near_miss_to == "nurture":
        found.append(("qualification", "near_miss_to" if "near_miss_to" in bar.model_fields_set else "near_miss"))
    if bar.below_to == "nurture":
        found.append(("qualification", "below_to"))
    if scenario.acceptance is not None and scenario.acceptance.rejected_to == "nurture":
        found.append(("acceptance", "rejected_to"))
    found += [
        ("stages", i, "otherwise", "nurture") for i, stage in enumerate(scenario.stages) if stage.otherwise.nurture > 0
    ]
    return found
