"""Pilot replications of the base: what they show of the typed rates, and constants a step nearer to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf, isfinite, sqrt
from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Bools, Floats
from simfunnel.distributions.quantiles import ndtri
from simfunnel.engine import AUTO, simulate
from simfunnel.ledger.columns import DECIDED, OPEN
from simfunnel.ledger.model import Ledger, Table
from simfunnel.plan import Plan
from simfunnel.plan.model import POOLED
from simfunnel.plan.today.solve import Base, Constants, factor_left, qualities_from_wins, win_shares, wins_growth
from simfunnel.plan.today.stream import Stream, arriving
from simfunnel.theory.selection import Population, assessment_quantiles, intercept

# A key of luck that no study reaches: replications of a study are numbered from 0.
PILOT_SEED = 2**32 - 1
FIRST_PILOT = 2**31
ENOUGH_CONTACTS = 2000  # fewer are filled up by integrals where leads are open at the first stage
MOST_YEARS = 400  # pilot years of one set of luck; the next set begins after them

_GOLDEN = (sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True)
class Pilot:
    """What one pilot replication shows of the reported period."""

    log_odds: tuple[Floats, ...]  # per stage: x of every decision, the intercept not included
    assessments: Floats  # at first contacts
    leads: Floats  # [channels] created
    wins: Floats  # [channels] sum of the chances to win of the decisions at the last stage
    open_leads: Floats  # [n, 5] Q, e_S, A, stage, channel of those at work in a stage at the end
    effects: Floats = field(default_factory=lambda: np.zeros(0))  # [stages] sum over decisions of x without Q and skill


def pilot(replication: int, plan: Plan, engine: str = AUTO, luck: int = 0) -> Pilot:
    """Simulate one replication of a base under trial constants and keep what calibration needs.

    The engine does not change what is found; sets of `luck` share no replication.
    """
    ledger = simulate(plan, PILOT_SEED, FIRST_PILOT + MOST_YEARS * luck + replication, engine)
    tasks, passes, leads = ledger.tasks, ledger.passes, ledger.leads
    decided = np.isin(tasks["decision"], DECIDED) & _reported(plan, _numbers(tasks, "ended"))
    stage, x = tasks["stage"][decided], _numbers(tasks, "x")[decided]
    final = stage == len(plan.stages) - 1
    channel = leads["channel"][tasks["lead"][decided]][final]
    chance = _chance(plan.phases[0].stages[-1].intercept + x[final])
    created = leads["channel"][_reported(plan, _numbers(leads, "created"))]
    assessment = _numbers(passes, "assessment")
    count = len(plan.channels)
    return Pilot(
        log_odds=tuple(x[stage == k] for k in range(len(plan.stages))),
        assessments=assessment[np.isfinite(assessment) & _reported(plan, _numbers(passes, "first_response_at"))],
        leads=np.bincount(created, minlength=count).astype(np.float64),
        wins=np.bincount(channel, weights=chance, minlength=count).astype(np.float64),
        open_leads=_open_leads(plan, ledger),
        effects=_effects(plan, ledger, decided),
    )


def fewest_decisions(base: Base, pilots: Sequence[Pilot]) -> int:
    """Decisions at the stage that has fewest, of the stages that can be reached."""
    counts = [sum(len(each.log_odds[k]) for each in pilots) for k in range(len(base.rates))]
    reachable = 1 + next((k for k, rate in enumerate(base.rates) if rate == 0.0), len(counts) - 1)
    return min(counts[:reachable])


def refined(base: Base, now: Constants, pilots: Sequence[Pilot]) -> Constants:
    """Solve the constants at which the decisions and contacts that the pilots saw show the typed rates."""
    leads = base.population(now.quality, now.intercepts)
    rate = 1.0 if base.scenario.acceptance is None else base.scenario.acceptance.rate
    cut = -inf if rate >= 1.0 else inf
    if 0.0 < rate < 1.0:
        seen = np.concatenate([each.assessments for each in pilots])
        if base.opening[:, 0].any() and len(seen) < ENOUGH_CONTACTS:
            contacts = arriving(leads, base.new_leads, base.opening)
            seen = np.concatenate([seen, assessment_quantiles(contacts, 1 + ENOUGH_CONTACTS - len(seen))])
        cut = float(np.quantile(seen, 1.0 - rate)) if len(seen) else now.cut
    intercepts = _intercepts(base, replace(now, cut=cut), leads, pilots)
    quality, factor = now.quality, now.factor
    if not np.isnan(base.win_rates).all():
        wins = sum(each.wins for each in pilots) / np.maximum(sum(each.leads for each in pilots), 1.0)
        wins = np.where(wins > 0.0, wins, win_shares(base, now, leads))  # a channel whose deals no pilot saw
        growth = wins_growth(base, now, leads)
        quality, factor = qualities_from_wins(base, now.quality, wins, growth), factor_left(base, wins)
    views = base.population(quality, intercepts)
    return Constants(quality, intercepts, views.r_score, views.r_assessment, cut, factor)


def mean_effects(base: Base, pilots: Sequence[Pilot]) -> Floats:
    """Return [stages] mean of what pilots saw added to the log-odds beside quality and skill; 0 where unseen."""
    counts = [sum(len(each.log_odds[k]) for each in pilots) for k in range(len(base.rates))]
    sums = sum((each.effects for each in pilots if each.effects.size), np.zeros(len(base.rates)))
    return np.asarray(sums / np.maximum(counts, 1.0))


def _intercepts(base: Base, now: Constants, leads: Population, pilots: Sequence[Pilot]) -> tuple[float, ...]:
    """Each stage's intercept on the decisions that pilots saw and on those of the opening pipeline.

    A pilot has no opening pipeline: the period's decisions are a pilot's and those that the open leads come to.
    """
    found, stream = [], _opening_stream(base, now, pilots, leads)
    for k, rate in enumerate(base.rates):
        x = np.concatenate([each.log_odds[k] for each in pilots])
        weights = np.ones(len(x))
        if stream is not None:
            x = np.concatenate([x, stream.log_odds(k).ravel()])
            weights = np.concatenate([weights, len(pilots) * stream.weights.ravel()])
        found.append(intercept(x, weights, rate) if len(x) else now.intercepts[k])
        if stream is not None:
            stream.advance(k, found[-1])
    return tuple(found)


def _opening_stream(
    base: Base, now: Constants, pilots: Sequence[Pilot], leads: Population | None = None
) -> Stream | None:
    """The open leads on their way through the stages; None without an opening pipeline."""
    if not base.opening.any():
        return None
    leads = base.population(now.quality, now.intercepts) if leads is None else leads
    return base.stream(base.first_contacts(leads, now.cut, 0.0 * base.new_leads), mean_effects(base, pilots))


class RateErrors(NamedTuple):
    """Standard errors of the typed rates that some pilot years leave, as shares; 0 for a rate that is not solved."""

    acceptance: float
    stages: tuple[float, ...]

    @property
    def largest(self) -> float:
        """The largest of them."""
        return max(self.acceptance, *self.stages)


def rate_errors(base: Base, now: Constants, pilots: Sequence[Pilot]) -> RateErrors:
    """Return standard errors of the rates that constants show, from the spread between pilot years.

    A year is one independent sample, since the leads of a year hang together. A stage's rate is that of the chances of
    its decisions, as its intercept is solved from them.
    """
    stages, stream = [], _opening_stream(base, now, pilots)
    for k, b in enumerate(now.intercepts):
        chances = np.array([_chance(b + each.log_odds[k]).sum() for each in pilots])
        counts = np.array([len(each.log_odds[k]) for each in pilots], np.float64)
        if stream is not None:  # the same in every year
            counts += stream.weights.sum()
            chances += (stream.weights * _chance(b + stream.log_odds(k))).sum()
            stream.advance(k, b)
        stages.append(_ratio_error(chances, counts) if isfinite(b) else 0.0)
    if not isfinite(now.cut):
        return RateErrors(0.0, tuple(stages))
    accepted = np.array([(each.assessments >= now.cut).sum() for each in pilots], np.float64)
    contacts = np.array([len(each.assessments) for each in pilots], np.float64)
    return RateErrors(_ratio_error(accepted, contacts), tuple(stages))


def _ratio_error(over: Floats, under: Floats) -> float:
    """Standard error of a ratio of means over years; 0 where there is nothing to divide by."""
    if len(over) < 2 or not under.any():
        return 0.0
    misses = (over - over.sum() / under.sum() * under) / under.mean()
    return float(misses.std(ddof=1) / sqrt(len(over)))


def step_between(before: Constants, after: Constants) -> float:
    """Return largest change of the cut and the intercepts; those that are infinite do not move."""
    pairs = zip((*before.intercepts, before.cut), (*after.intercepts, after.cut), strict=True)
    return max((abs(b - a) for a, b in pairs if a != b), default=0.0)


def _open_leads(plan: Plan, ledger: Ledger) -> Floats:
    """Q, e_S, A, stage and channel of the leads at work in a stage at the end.

    e_S is what the score says given Q, so that lifts of score and quality are kept; an assessment that is not made yet
    is drawn evenly.
    """
    leads, passes, phase = ledger.leads, ledger.passes, plan.phases[-1]
    stage = _numbers(passes, "stage")
    still = np.isin(passes["lead"], np.flatnonzero(leads["outcome"] == OPEN)) & np.isnan(_numbers(passes, "left_at"))
    here = still & np.isfinite(_numbers(passes, "handed_off_at")) & (stage < len(plan.stages))
    who = passes["lead"][here]
    quality = _numbers(leads, "quality")[who]
    centre = phase.score_mean + phase.score_bias[leads["channel"][who]]
    units = (_numbers(passes, "score")[here] - centre) / phase.score_per_unit
    spare = sqrt(max(1.0 - phase.r_score * phase.r_score, 1e-12))
    noise = np.clip((units - phase.r_score * quality) / spare, -8.0, 8.0)
    spread = np.asarray((np.arange(1, len(who) + 1) * _GOLDEN) % 1.0, dtype=np.float64)
    even = np.array([ndtri(u) for u in spread.tolist()])
    drawn = phase.r_assessment * quality + phase.a_score * noise + phase.a_noise * even
    seen = _numbers(passes, "assessment")[here]
    judged, at = np.where(np.isnan(seen), drawn, seen), np.maximum(stage[here], 0.0)
    return np.column_stack([quality, noise, judged, at, leads["channel"][who]])


def _effects(plan: Plan, ledger: Ledger, decided: Bools) -> Floats:
    """[stages] sum over decisions of x without the part of true quality and of the home team's skill."""
    tasks, phase = ledger.tasks, plan.phases[0]
    stage, lead = tasks["stage"][decided].astype(np.int64), tasks["lead"][decided]
    skill = np.zeros(phase.home_pool.shape)
    for channel, k in np.argwhere(phase.home_pool >= 0).tolist():
        pool = phase.pools[int(phase.home_pool[channel, k])]
        own = 0.0 if pool.structure == POOLED else float(pool.own_log_odds[channel])
        skill[channel, k] = float(pool.skill_log_odds[channel]) + own
    slope = np.array([each.log_quality_odds for each in phase.stages])
    known = slope[stage] * _numbers(ledger.leads, "quality")[lead] + skill[ledger.leads["channel"][lead], stage]
    sums = np.bincount(stage, weights=_numbers(tasks, "x")[decided] - known, minlength=len(phase.stages))
    return np.asarray(sums, dtype=np.float64)


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def _numbers(table: Table, column: str) -> Floats:
    return np.asarray(table[column], dtype=np.float64)


def _reported(plan: Plan, times: Floats) -> Bools:
    """Which of some times lie in the reported period."""
    return (times >= 0.0) & (times < plan.end_h)
