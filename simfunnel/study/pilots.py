"""Pilot replications of the base: what they show of the typed rates, and constants a step nearer to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from simfunnel.distributions import normal, quantiles_of
from simfunnel.engine import AUTO, simulate
from simfunnel.ledger.columns import ADVANCED, NOT_ADVANCED, OPEN, POSTPONED, TO_NURTURE
from simfunnel.ledger.model import Ledger, Table
from simfunnel.plan import Plan
from simfunnel.plan.static import Base, Constants, factor_left, qualities_from_wins, see, wins_growth
from simfunnel.theory.selection import intercept

Floats = NDArray[np.float64]

# A key of luck that no study reaches: replications of a study are numbered from 0.
PILOT_SEED = 2**32 - 1
FIRST_PILOT = 2**31

_DECISIONS = (ADVANCED, TO_NURTURE, POSTPONED, NOT_ADVANCED)
_GOLDEN = (sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True)
class PilotTask:
    """One replication of a base under trial constants, on an engine; the engine does not change what is found."""

    plan: Plan
    replication: int
    engine: str = AUTO


@dataclass(frozen=True)
class Pilot:
    """What one pilot replication shows of the reported period."""

    log_odds: tuple[Floats, ...]  # per stage: x of every decision, the intercept not included
    assessments: Floats  # at first contacts
    leads: Floats  # [channels] created
    wins: Floats  # [channels] sum of the chances to win of the decisions at the last stage
    open_leads: Floats  # [n, 5] Q, e_S, A, stage, channel of those at work in a stage at the end


def pilot(task: PilotTask) -> Pilot:
    """Simulate one pilot replication and keep what calibration needs."""
    plan = task.plan
    ledger = simulate(plan, PILOT_SEED, FIRST_PILOT + task.replication, task.engine)
    tasks, passes, leads = ledger.tasks, ledger.passes, ledger.leads
    decided = np.isin(tasks["decision"], _DECISIONS) & _reported(plan, _numbers(tasks, "ended"))
    stage, x = tasks["stage"][decided], _numbers(tasks, "x")[decided]
    final = stage == len(plan.stages) - 1
    channel = leads["channel"][tasks["lead"][decided]][final]
    chance = 1.0 / (1.0 + np.exp(-(plan.phases[0].stages[-1].intercept + x[final])))
    created = leads["channel"][_reported(plan, _numbers(leads, "created"))]
    assessment = _numbers(passes, "assessment")
    count = len(plan.channels)
    return Pilot(
        log_odds=tuple(x[stage == k] for k in range(len(plan.stages))),
        assessments=assessment[np.isfinite(assessment) & _reported(plan, _numbers(passes, "first_response_at"))],
        leads=np.bincount(created, minlength=count).astype(np.float64),
        wins=np.bincount(channel, weights=chance, minlength=count).astype(np.float64),
        open_leads=_open_leads(plan, ledger),
    )


def fewest_decisions(base: Base, pilots: Sequence[Pilot]) -> int:
    """Decisions at the stage that has fewest, of the stages that can be reached."""
    counts = [sum(len(each.log_odds[k]) for each in pilots) for k in range(len(base.rates))]
    reachable = 1 + next((k for k, rate in enumerate(base.rates) if rate == 0.0), len(counts) - 1)
    return min(counts[:reachable])


def refined(base: Base, now: Constants, pilots: Sequence[Pilot]) -> Constants:
    """Constants at which the decisions and contacts that the pilots saw show the typed rates."""
    intercepts = []
    for k, rate in enumerate(base.rates):
        x = np.concatenate([each.log_odds[k] for each in pilots])
        intercepts.append(intercept(x, np.ones(len(x)), rate) if len(x) else now.intercepts[k])
    cut = _cut(base, now, np.concatenate([each.assessments for each in pilots]))
    quality, factor = now.quality, now.factor
    if not np.isnan(base.win_rates).all():
        leads = np.maximum(sum(each.leads for each in pilots), 1.0)
        wins = sum(each.wins for each in pilots) / leads
        growth = wins_growth(base, now, see(base, now.quality, now.intercepts))
        quality, factor = qualities_from_wins(base, now.quality, wins, growth), factor_left(base, wins)
    views = see(base, quality, intercepts).views
    return Constants(quality, tuple(intercepts), views.r_score, views.r_assessment, cut, factor)


def step_between(before: Constants, after: Constants) -> float:
    """Largest change of the cut and the intercepts; those that are infinite do not move."""
    pairs = zip((*before.intercepts, before.cut), (*after.intercepts, after.cut), strict=True)
    return max((abs(b - a) for a, b in pairs if a != b), default=0.0)


def _cut(base: Base, now: Constants, assessments: Floats) -> float:
    acceptance = base.scenario.acceptance
    if acceptance is None or acceptance.rate >= 1.0:
        return -inf
    if acceptance.rate <= 0.0:
        return inf
    return float(np.quantile(assessments, 1.0 - acceptance.rate)) if len(assessments) else now.cut


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
    spare = sqrt(max(1.0 - phase.r_score**2, 1e-12))
    noise = np.clip((units - phase.r_score * quality) / spare, -8.0, 8.0)
    spread = np.asarray((np.arange(1, len(who) + 1) * _GOLDEN) % 1.0, dtype=np.float64)
    even = quantiles_of(normal(0.0, 1.0), spread)
    drawn = phase.r_assessment * quality + phase.a_score * noise + phase.a_noise * even
    seen = _numbers(passes, "assessment")[here]
    judged, at = np.where(np.isnan(seen), drawn, seen), np.maximum(stage[here], 0.0)
    return np.column_stack([quality, noise, judged, at, leads["channel"][who]])


def _numbers(table: Table, column: str) -> Floats:
    return np.asarray(table[column], dtype=np.float64)


def _reported(plan: Plan, times: Floats) -> NDArray[np.bool_]:
    """Which of some times lie in the reported period."""
    return (times >= 0.0) & (times < plan.end_h)
