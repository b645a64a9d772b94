"""Typed rates that cannot all hold, as the selection integrals see them: no simulation is needed to tell.

A stage's conversion, the acceptance rate and the MQL rate together say how many leads win. Win rates typed beside them
only say how the channels differ, so their mean cannot be another one; nor can MQL rates of all channels say what a
typed threshold on a typed score does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite, isnan, prod, sqrt

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.distributions import mean
from simfunnel.errors import Problem
from simfunnel.plan.calendars import business_day
from simfunnel.plan.stages import calendar_at, effort
from simfunnel.plan.today.calibration import Calibration
from simfunnel.plan.today.exact import leads_may_leave, recycling
from simfunnel.plan.today.solve import Base, Constants, static_calibration, win_shares
from simfunnel.scenario.checks.contradictions import CLOSE, slack
from simfunnel.scenario.checks.wording import contradiction, listed, odd
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import Scenario
from simfunnel.theory.selection import pass_shares
from simfunnel.units import share_text, significant

RATES = ("win_rate", "conversion", "rate", "mql_rate", "threshold", "leak")
MOST = 0.95  # a stage rate above this is not proposed
DOUBT = 4.0  # standard errors of pilot years by which win rates must differ
UNEVEN = 1.5  # E[p^2] / E[p]^2 of the chances to win at the last stage, at most


# --- win rates beside the rates of the stages -------------------------------------------------------------------------


def wins_by_integrals(scenario: Scenario, calibration: Calibration) -> Floats:
    """Return [channels by name] wins per lead whom neither patience nor a full queue takes, each stage met once."""
    base, now = Base(scenario), Constants.of(calibration)
    arrive = [1.0 - (scenario.handoff_of(name).leak or 0.0) for name in base.names]
    between = prod(1.0 - (stage.handoff.leak or 0.0) for stage in scenario.stages[1:] if stage.handoff is not None)
    return np.asarray(win_shares(base, now, base.population(now.quality, now.intercepts)) * np.array(arrive) * between)


def pilot_doubt(scenario: Scenario, calibration: Calibration, wins: float) -> float:
    """Return the relative standard error that pilot years leave in a win rate with so many `wins` a year; 0 for
    integrals."""
    years, last = calibration.years or calibration.replications, scenario.stages[-1].conversion
    return 0.0 if calibration.exact or not years else sqrt(UNEVEN * last / max(wins * years, 1e-9))


def win_rate_rules(scenario: Scenario, calibration: Calibration) -> Iterator[Problem]:
    """Yield win rates that the rates from lead to win, typed beside them, do not let come out."""
    base = Base(scenario)
    known = ~np.isnan(base.win_rates)
    if not known.any():
        return
    typed = {name: channel.win_rate for name, channel in scenario.channels.items() if channel.win_rate is not None}
    weights = base.weights[known] + 1e-12
    close = CLOSE + slack(scenario, *RATES)
    if recycling(scenario):
        yearly = sum(channel.weekly_volume for channel in scenario.channels.values()) * 365.0 / 7.0
        doubt = pilot_doubt(scenario, calibration, yearly * float(weights @ base.win_rates[known]))
        factor = calibration.win_rate_factor
        if calibration.rounds and isfinite(factor) and abs(factor - 1.0) > close + lag(scenario) + DOUBT * doubt:
            yield off_by(scenario, typed, factor)
        return
    # what pilots find makes up for effects, which integrals leave out
    wins = wins_by_integrals(scenario, static_calibration(scenario) if calibration.rounds else calibration)
    factor = float(weights @ wins[known]) / float(weights @ base.win_rates[known])
    none_leaves = not leads_may_leave(scenario, scenario.channels.values())
    if factor < 1.0 - close or (factor > 1.0 + close and none_leaves):
        left = _left_for_others(scenario, base, wins) if none_leaves else None
        yield off_by(scenario, typed, factor, left)
    elif calibration.exact and none_leaves:
        shown = dict(zip(base.names, wins.tolist(), strict=True))
        for name, rate in typed.items():
            if abs(shown[name] - rate) > close * rate:
                yield out_of_reach(name, rate, shown[name])


def off_by(scenario: Scenario, typed: dict[str, float], factor: float, others: float | None = None) -> Problem:
    """Return the contradiction of all typed win rates with the rest of the file, in which leads win `factor` times as
    often.

    `others`: the win rate with which the channels that type none would make up for it, where they can.
    """
    weights = scenario.weights
    total = sum(weights[name] for name in typed) or 1.0
    usual = sum(weights[name] * rate for name, rate in typed.items()) / total or max(typed.values())
    shown, one = percent(usual * factor), len(typed) == 1
    way = "cannot hold beside the rates from lead to win (MQL rate, acceptance, stages): by these"
    rule, own = f"{way} {shown} of its leads win", f"win_rate: {shown}"
    if not one:
        rule = f"and the other win_rates {way} {shown} of the leads win, by the win_rates {percent(usual)}"
        fitting = [f"{name} {percent(rate * factor)}" for name, rate in typed.items()]
        own = f"win_rates of {significant(factor, 4)} times these ({listed(fitting, 6)})"
    remedies = [*_fitting_rate(scenario, factor), own]
    if others is not None:
        remedies.append(f"win_rate: {percent(others)} for the channels that type none")
    name, rate = next(iter(typed.items()))
    return contradiction(("channels", name, "win_rate"), rule, f"write {', or '.join(remedies)}", share_text(rate))


def out_of_reach(name: str, typed: float, shown: float) -> Problem:
    """Return the contradiction of one channel's win rate with the rest of the file, where others come out."""
    rule = (
        f"cannot come out: {percent(shown)} of its leads win, as far as their quality may differ from other channels' "
        "under the typed quality_odds, accuracies and MQL rates"
    )
    remedy = f"write win_rate: {percent(shown)}, or larger quality_odds at the stages"
    return contradiction(("channels", name, "win_rate"), rule, remedy, share_text(typed))


def lag(scenario: Scenario) -> float:
    """By how much wins per lead of a period may differ, as a share, because the wins come from earlier leads.

    Growth, season in part of a year, and campaigns, whose leads may win after the period.
    """
    cycle, found = scenario.cycle_hours / (24.0 * 365.0), 0.0
    for channel in scenario.channels.values():
        own = abs(1.0 - (1.0 + channel.growth) ** -cycle)
        if channel.season and scenario.period.n_days < 360:
            months = [*channel.season.values(), *([1.0] if len(channel.season) < 12 else [])]
            own += (max(months) - min(months)) / max(min(months), 0.01)
        leads = channel.weekly_volume * scenario.period.n_days / 7.0
        more = sum(campaign.leads for campaign in channel.campaigns.values())
        found = max(found, own + (more / (leads + more) if more else 0.0))
    return found


def percent(share: float) -> str:
    """Return a share as it would be typed, to four digits.

    >>> percent(0.0301234)
    '3.012%'
    """
    return share_text(float(f"{share:.4g}"))


def _fitting_rate(scenario: Scenario, factor: float) -> Iterator[str]:
    """The rate that would make the typed win rates come out, of the last stage where there is room, else before."""
    for stage in reversed(scenario.stages):
        if stage.conversion / factor <= MOST:
            yield f"conversion: {percent(stage.conversion / factor)} at {stage.name}"
            return
    if scenario.acceptance is not None and scenario.acceptance.rate / factor <= 1.0:
        yield f"acceptance.rate: {percent(scenario.acceptance.rate / factor)}"


def _left_for_others(scenario: Scenario, base: Base, wins: Floats) -> float | None:
    """The win rate that the channels without one, and without a quality, need beside those typed."""
    free = np.array(
        [scenario.channels[n].win_rate is None and scenario.channels[n].quality is None for n in base.names]
    )
    if not (free | ~np.isnan(base.win_rates)).all() or not float(base.weights[free].sum()) > 0.0:
        return None
    known = ~free
    left = float(base.weights @ wins) - float(base.weights[known] @ base.win_rates[known])
    rate = left / float(base.weights[free].sum())
    return rate if 0.0 < rate < 1.0 else None


# --- MQL rates beside a threshold -------------------------------------------------------------------------------------


def threshold_rules(scenario: Scenario, calibration: Calibration) -> Iterator[Problem]:
    """Yield MQL rates of all channels that leave no room for a typed threshold, but by flattering all of them."""
    channels = {name: scenario.channels[name] for name in calibration.channels}
    weights = np.array(calibration.weights)
    bars = [scenario.qualification.threshold_of(name) for name in channels]
    rates = [np.nan if channel.mql_rate is None else channel.mql_rate for channel in channels.values()]
    typed = scenario.score.model_fields_set & {"mean", "sd"}
    here = weights > 0.0
    if scenario.qualification.mql_rate is not None or None in bars or np.isnan(np.array(rates)[here]).any():
        return
    bias = np.array(calibration.score_bias)
    shift = float(weights @ bias)
    leads = Base(scenario).population(np.array(calibration.qualities), calibration.intercepts)
    shown = float(leads.weights @ pass_shares(leads._replace(bias=bias - shift)))
    together = float(weights[here] @ np.array(rates)[here])
    if abs(shown - together) <= (CLOSE + slack(scenario, *RATES, "mean", "sd")) * together:
        return
    score = scenario.score
    scale = f"with a score of mean {significant(score.mean, 6)} and sd {significant(score.sd, 6)}"
    rule = (
        f"lets {percent(shown)} of all leads qualify {scale}{'' if typed else ', which is assumed'}, "
        f"but by the channels' own mql_rates {percent(together)} do"
    )
    lower = f"write thresholds {significant(abs(shift), 4)} points {'higher' if shift < 0 else 'lower'}"
    if len(set(bars)) == 1 and bars[0] is not None:
        lower = f"write threshold: {significant(bars[0] - shift, 6)}"
    remedy = f"{lower}, or score.mean: {significant(score.mean + shift, 6)}, or drop a channel's mql_rate"
    at = ("qualification", "threshold")
    value = bars[0] if len(set(bars)) == 1 else "thresholds"
    yield contradiction(at, rule, remedy, value) if typed else odd(at, rule, remedy, value)


# --- work ------------------------------------------------------------------------------------------------------------


def rejection_rules(scenario: Scenario, calibration: Calibration) -> Iterator[Problem]:
    """Yield a rejection that takes longer than a first contact, of which it is a part."""
    acceptance, first = scenario.acceptance, scenario.stages[0]
    if acceptance is None or acceptance.rate >= 1.0 or not isinstance(acceptance.effort, DurationDist):
        return
    whole = mean(effort(scenario, scenario, first))
    part = mean(acceptance.effort.compile(business_day(calendar_at(scenario, first.name))))
    worked = any(first.name in pool.stages for pool in scenario.pools.values())
    if not worked or isnan(part) or part <= (1.0 + CLOSE + slack(scenario, "effort", "capacity")) * whole:
        return
    typed = "effort" in acceptance.model_fields_set
    taken = f"{significant(60.0 * whole, 4)} minutes on average"
    also = "" if first.capacity is None else f", so that no rep can do {first.capacity}"
    rule = f"is longer than a whole task at {first.name}, which takes {taken}{also}"
    remedy = "write acceptance.effort: 50% (of the task), or less time"
    if typed and first.model_fields_set & {"effort", "capacity"}:
        yield contradiction(
            ("acceptance", "effort"), f"takes {significant(60.0 * part, 4)} minutes, which {rule}", remedy
        )
    else:
        yield odd(
            ("acceptance", "effort"), f"takes {significant(60.0 * part, 4)} minutes (assumed), which {rule}", remedy
        )


RULES: tuple[Callable[[Scenario, Calibration], Iterator[Problem]], ...]
RULES = (win_rate_rules, threshold_rules, rejection_rules)


def contradictions(scenario: Scenario, calibration: Calibration) -> list[Problem]:
    """Return what contradicts itself in a base, given its constants, by path and without places."""
    return [problem for rule in RULES for problem in rule(scenario, calibration)]
