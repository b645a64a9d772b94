"""Rules of the funnel: thresholds, rates and accuracies that cannot hold together, and what keeps leads from moving on.

Among them: stages that nobody reaches, work in calendar time, hand-offs and effects without use.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.wording import listed, odd, wrong
from simfunnel.scenario.fields.field import DEFAULT
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import Scenario, mean_hours
from simfunnel.units import share_text, significant


def flow_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield what keeps leads from arriving, or from getting past a stage."""
    names = scenario.stage_names
    for name, channel in scenario.channels.items():
        own = scenario.handoff.get(name)
        if scenario.handoff_of(name).leak == 1.0:
            path: Path = ("handoff", DEFAULT if own is None or own.leak is None else name, "leak")
            yield odd(path, f"loses every lead of {name} on the way", "write a share below 100%", "100%")
        if channel.patience.is_constant and mean_hours(channel.patience) == 0.0:
            rule = f"lets every lead of {name} go cold at once"
            yield odd(("channels", name, "patience"), rule, "write a time above 0, or never")
    for index, stage in enumerate(scenario.stages):
        if stage.handoff is not None and stage.handoff.leak == 1.0 and index and _pool_changes(scenario, index):
            rule = f"lets nobody reach {listed(names[index:])}"
            yield wrong(("stages", index, "handoff", "leak"), rule, "write a share below 100%", "100%")
    if scenario.acceptance is not None and scenario.acceptance.rate == 0 and names:
        yield wrong(("acceptance", "rate"), f"lets nobody get past {names[0]}", "write a share above 0%", "0%")
    for index, stage in enumerate(scenario.stages[:-1]):
        if stage.conversion == 0:
            remedy = "write a share above 0%, or drop the stages after it"
            yield wrong(
                ("stages", index, "conversion"), f"lets nobody reach {listed(names[index + 1 :])}", remedy, "0%"
            )


def stage_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield waits that never end, work in calendar time, and hand-offs without use."""
    names = scenario.stage_names
    for index, stage in enumerate(scenario.stages):
        if stage.wait is None or not stage.wait.never:
            continue
        path: Path = ("stages", index, "wait")
        remedy = "write a time, e.g. 7 days, or none for no wait"
        if index and (stage.conversion > 0 or index < len(names) - 1):
            beyond = listed(names[index + 1 :]) if index < len(names) - 1 else "a win"
            yield wrong(path, f"never ends, so that nobody gets to {beyond}", remedy, "never")
        elif index or stage.no_show > 0:
            who = "who gets there" if index else "who does not come once"
            yield odd(path, f"never ends: {who} stays open for ever", remedy, "never")
    for index, stage in enumerate(scenario.stages):
        if stage.effort is not None and "effort" in stage.model_fields_set:
            yield from _hours_of_work(("stages", index, "effort"), stage.effort)
        if stage.capacity is not None and stage.capacity.amount <= 0:
            path = ("stages", index, "capacity")
            yield wrong(path, "is not above zero", "write e.g. 8 / business day", str(stage.capacity))
    if scenario.acceptance is not None and isinstance(scenario.acceptance.effort, DurationDist):
        yield from _hours_of_work(("acceptance", "effort"), scenario.acceptance.effort)
    for index, stage in enumerate(scenario.stages):
        path = ("stages", index, "handoff")
        if stage.handoff is not None and index == 0:
            rule = "is the hand-off to the first stage, which `handoff` describes"
            yield wrong(path, rule, "move it there", at_key=True)
        elif stage.handoff is not None and not _pool_changes(scenario, index):
            rule = f"is not used: the pool does not change on entering {stage.name}"
            yield odd(path, rule, "drop it", at_key=True)


def effect_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield effects of late contacts and of load that are typed without their odds."""
    table = scenario.speed_to_lead or {}
    default = table.get(DEFAULT)
    for name, speed in table.items():
        if speed.odds is None and (name == DEFAULT or default is None or default.odds is None):
            remedy = "add odds: {0 hours: 1.0, 1 hour: 0.6, 24 hours: 0.2}"
            yield wrong(("speed_to_lead", name), "has no odds", remedy, at_key=True)
    for name, pool in scenario.pools.items():
        if pool.load is not None and pool.load.odds is None and pool.load.effort is None:
            remedy = "add odds: {10: 1.0, 25: 0.7}"
            yield wrong(("pools", name, "load"), "has neither odds nor effort", remedy, at_key=True)


def _hours_of_work(path: Path, effort: DurationDist) -> Iterator[Problem]:
    long = [each for each in effort.amounts if each.unit in ("day", "week", "month", "year") and not each.working]
    if long:
        rule = f"counts work in calendar time: {long[0]} is {significant(long[0].hours(), 6)} hours of work"
        yield wrong(path, rule, "write hours, or business days")


def _pool_changes(scenario: Scenario, index: int) -> bool:
    before, here = scenario.stage_names[index - 1], scenario.stage_names[index]
    return any(scenario.pool_of(name, before) != scenario.pool_of(name, here) for name in scenario.channels)


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
