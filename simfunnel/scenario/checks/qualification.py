"""Thresholds, rates and accuracies that cannot hold together."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.wording import listed, odd, wrong
from simfunnel.scenario.model import Scenario
from simfunnel.units import share_text, significant

SAME_RATE = 0.005  # rates of channels may differ from the overall one by half a point, as CRM figures are rounded
ROUNDING = 1e-9
HARDLY = 1e-6  # of the leads


def qualification_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield a missing threshold, contradicting rates, an agreement that no two judges can have."""
    qualification, known = scenario.qualification, _rate_of_channels(scenario)
    if qualification.threshold is None and qualification.mql_rate is None:
        remedy = "add threshold, e.g. threshold: 60, or mql_rate, e.g. mql_rate: 30%"
        if known is not None:
            remedy = f"add mql_rate: {known:.1%}, which is what the channels' own rates make together"
        yield wrong(("qualification",), "says neither threshold nor mql_rate", remedy, at_key=True)
    elif qualification.mql_rate is None:
        missing = [name for name in scenario.channels if qualification.threshold_of(name) is None]
        if missing:
            rule = f"has no bar for {listed(missing)}"
            yield wrong(("qualification", "threshold"), rule, "add the channel, or a default")
    elif known is not None and abs(qualification.mql_rate - known) > SAME_RATE:
        rule = f"contradicts the channels' own mql_rates, which make {known:.1%} of all leads qualify"
        remedy = f"write {known:.1%}, or drop the mql_rate of one channel"
        yield wrong(("qualification", "mql_rate"), rule, remedy, share_text(qualification.mql_rate))
    for name, channel in scenario.channels.items():
        for field, share in (("win_rate", channel.win_rate), ("mql_rate", channel.mql_rate)):
            if share is not None and not 0.0 < share < 1.0:
                rule = "is not between 0% and 100%, so that no quality or score explains it"
                remedy = f"write a share in between, or drop {field}"
                yield wrong(("channels", name, field), rule, remedy, share_text(share))
    acceptance, r_score = scenario.acceptance, scenario.score.accuracy.typed_correlation
    r_assessment = acceptance.accuracy.typed_correlation if acceptance is not None else None
    if acceptance is None or acceptance.agreement is None or r_score is None or r_assessment is None:
        return
    if (problem := agreement_problem(r_score, r_assessment, acceptance.agreement)) is not None:
        yield problem


def _rate_of_channels(scenario: Scenario) -> float | None:
    """Return the overall rate that the channels' own rates make; None unless all type one."""
    rates = {name: channel.mql_rate for name, channel in scenario.channels.items()}
    weights = scenario.weights
    known = {name: rate for name, rate in rates.items() if rate is not None}
    if not known or any(name not in known and weights[name] > 0 for name in rates):
        return None
    return math.fsum(weights[name] * rate for name, rate in known.items())


def agreement_problem(r_score: float, r_assessment: float, agreement: float) -> Problem | None:
    """Return the problem of an agreement that judges of these correlations with quality cannot have, if they cannot.

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


def threshold_problem(scenario: Scenario, channel: str | None, share: float) -> Problem:
    """Return the problem of a threshold that (nearly) no or every lead reaches: a `share` of a channel's or of all."""
    score, qualification = scenario.score, scenario.qualification
    scale = f"scores have a mean of {significant(score.mean, 6)} and a standard deviation of {significant(score.sd, 6)}"
    if channel is not None:
        rule = f"sends leads of which not one in a million reaches the threshold: {scale}, score_bias added"
        return odd(("channels", channel), rule, "lower its threshold, or see to its score_bias", at_key=True)
    path = ("qualification", "threshold" if qualification.mql_rate is None else "mql_rate")
    thresholds = map(qualification.threshold_of, scenario.channels)
    known = qualification.mql_rate if qualification.mql_rate is not None else next(thresholds, None)
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


def nurture_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield what sends leads into a nurture programme that is not there, or a programme without leads."""
    qualification = scenario.qualification
    users: list[Path] = []
    if qualification.near_miss > 0 and qualification.near_miss_to == "nurture":
        typed = "near_miss_to" in qualification.model_fields_set
        users.append(("qualification", "near_miss_to" if typed else "near_miss"))
    if qualification.below_to == "nurture":
        users.append(("qualification", "below_to"))
    if scenario.acceptance is not None and scenario.acceptance.rejected_to == "nurture":
        users.append(("acceptance", "rejected_to"))
    for i, stage in enumerate(scenario.stages):
        if stage.otherwise.nurture > 0:
            users.append(("stages", i, "otherwise", "nurture"))
    if scenario.nurture is None:
        for path in users:
            yield wrong(path, "sends leads into nurture, but there is no nurture", "add nurture: {delay: 21 days}")
    elif not users:
        rule = "is typed, but nobody is sent there"
        yield odd(("nurture",), rule, "send near misses, rejected or lost leads to nurture", at_key=True)
