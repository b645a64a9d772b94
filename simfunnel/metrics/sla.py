"""SLA clauses: what was promised, what was kept in which whole calendar month, and why a month was missed."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.errors import Problem
from simfunnel.ledger.columns import IN_PROGRESS, WON
from simfunnel.metrics.facts import Facts
from simfunnel.metrics.funnel import CLOSED_ENOUGH
from simfunnel.metrics.response import INSTANT_H, waits_and_limits
from simfunnel.metrics.table import CONCEPTS, TABLE
from simfunnel.metrics.tally import Known, Ratio, Sum, Tally
from simfunnel.metrics.workload import Staffing
from simfunnel.plan.model import Clause, Plan
from simfunnel.units import Duration


def promised_metrics(part: str = "") -> tuple[str, ...]:
    """Return the metrics that a clause under `other` may name; `part`: for one "pool" or one "channel" only."""
    promised = (metric for metric in TABLE.values() if metric.whole and not metric.name.startswith("sla_"))
    return tuple(metric.name for metric in promised if part in ("", *metric.splits))


def clause_problems(clauses: Sequence[Clause]) -> list[Problem]:
    """Return what is wrong with the clauses under `other` of an agreement, by their place in the scenario."""
    problems = []
    for number, clause in enumerate(clause for clause in clauses if clause.side == "other"):
        part, wrong = "pool" if clause.pool else "channel" if clause.channel else "", None
        if clause.metric not in promised_metrics():
            near = difflib.get_close_matches(clause.metric, promised_metrics(), 1)
            remedy = f"did you mean {near[0]}?" if near else "the table of metrics in the reference names them all"
            wrong = "is not a metric that can be promised", remedy
        elif clause.metric not in promised_metrics(part):
            wrong = f"is not measured by {part}", f"leave out the {part}, or promise another metric"
        elif clause.within is not None:
            wrong = _clock(clause.metric, clause.within)
        if wrong is not None:
            problems.append(Problem(("sla", "other", number, "metric"), clause.metric, *wrong))
    return problems


def _clock(metric: str, typed: Duration) -> tuple[str, str] | None:
    """(rule, remedy) where a metric is promised as a duration, but measured in something else; None where it fits."""
    if TABLE[metric].unit != "hours":
        return f"is promised as a time ({typed}), but measured as {TABLE[metric].unit}", "write a number, 5% or 9k"
    concept = CONCEPTS[metric]
    other = metric.replace("response_", "response_working_")
    if concept == "response" and typed.working:
        return f"is measured by the clock, but promised in working time ({typed})", f"promise {other} instead"
    if concept == "response in working hours" and not typed.working:
        other = metric.replace("_working", "")
        rule = f"is measured in working hours, but promised by the clock ({typed})"
        return rule, f"write the promise in working hours, or promise {other} instead"
    return None


VOLUME, CAPACITY, CALENDAR, MIX = range(4)
CAUSES = ("volume", "capacity", "calendar", "mix")


def of_quantity(clause: Clause, mqls: Floats, leads: Floats, whole: Bools) -> Ints:
    """Return the main cause, were the clause on the number of MQLs (or another sum) broken, for each month.

    Volume when this month's leads at the months' common rate of MQLs per lead would break it too; else mix.
    """
    rate = mqls[whole].sum() / leads[whole].sum() if leads[whole].sum() > 0 else 0.0
    expected = leads * rate
    return np.where((expected < clause.low) | (expected > clause.high), VOLUME, MIX)


def of_quality(clause: Clause, wins: Floats, reached: Floats) -> Ints:
    """Return the main cause, were the clause on the win share broken, for each month.

    Capacity when the share would be kept among the MQLs that were reached; else mix.
    """
    share = np.divide(wins, reached, out=np.zeros_like(wins), where=reached > 0)
    return np.where(share >= clause.low, CAPACITY, MIX)


def of_load(facts: Facts, staffing: Staffing, pools: list[int], whole: Bools) -> Ints:
    """Return the main cause of slow work in each month, for a group of pools.

    Load is tasks x hours of work per task / (reps x open hours per rep). A month that is loaded no more than the months
    together has too few reps all along: capacity. Else the largest term of ln(load of the month / common load): volume
    (tasks), mix (work per task), capacity (reps), calendar (open hours per rep).
    """
    terms = np.zeros((4, facts.layout.months))
    tasks, hours = _tasks(facts, pools)
    elapsed = staffing.elapsed.by("pool+month").reshape(-1, facts.layout.months)[pools].sum(axis=0)
    open_hours = staffing.open_hours.by("pool+month").reshape(-1, facts.layout.months)[pools].sum(axis=0)
    time = staffing.time.by("month")
    terms[VOLUME] = _log_ratio(tasks, np.ones_like(tasks), whole)
    terms[MIX] = _log_ratio(hours, tasks, whole)
    terms[CAPACITY] = -_log_ratio(elapsed, time, whole)
    terms[CALENDAR] = -_log_ratio(open_hours, elapsed, whole) - _log_ratio(time, np.ones_like(time), whole)
    return np.where(terms.sum(axis=0) > 0, terms.argmax(axis=0), CAPACITY)


def _tasks(facts: Facts, pools: list[int]) -> tuple[Floats, Floats]:
    """([months] tasks that joined the pools' queues, the same times the mean work of tasks begun in the month)."""
    of_group = np.zeros(len(facts.plan.pools) + 1, bool)  # the last is that of tasks without a pool
    of_group[pools] = True
    mine = of_group[facts.tasks.ints("pool")]
    queued, started = facts.dates("tasks", "queued"), facts.dates("tasks", "started")
    joined = Sum(facts.task_events(mine & queued.inside, queued)).by("month")
    begun = mine & started.inside
    events = facts.task_events(begun, started)
    count, hours = Sum(events).by("month"), Sum(events, facts.tasks.floats("effort")[begun]).by("month")
    return joined, joined * np.divide(hours, count, out=np.zeros_like(hours), where=count > 0)


def _log_ratio(over: Floats, under: Floats, whole: Bools) -> Floats:
    """ln of each month's over / under against that of all whole months together; 0 where either is unknown."""
    common = over[whole].sum() * np.ones_like(over)
    part = over * under[whole].sum()
    known = (common * under > 0) & (part > 0)
    ratio: Floats = np.divide(part, common * under, out=np.ones_like(over), where=known)
    return np.log(ratio)


WORK = ("response", "response in working hours", "answers in time", "team", "rep hours", "work")  # concepts


class Ratios(Protocol):
    """Every metric before it is split, by name."""

    def __getitem__(self, name: str) -> Ratio: ...


@dataclass(frozen=True)
class Judgement:
    """One clause over the months: its value over / under, whether it can be judged, and why it would be broken.

    `whole_period`: the value of a metric that has no months, judged once; nan otherwise.
    """

    over: Floats
    under: Floats
    judged: Bools
    cause: Ints
    whole_period: float = float("nan")


def whole_months(plan: Plan) -> Bools:
    """Return whether each of the period's months is a whole calendar month."""
    days = np.rint(np.asarray(plan.month_start_h) / 24.0).astype(int) + plan.day_zero
    epoch = datetime.date(1970, 1, 1)
    first = np.array([(epoch + datetime.timedelta(days=day)).day == 1 for day in days.tolist()], dtype=bool)
    whole: Bools = first[:-1] & first[1:]
    return whole


def _by_clause(year: np.ndarray, months: np.ndarray) -> Known:
    return Known({"clause": year, "clause+month": months})


def judge_mqls(facts: Facts, staffing: Staffing, ratios: Ratios, clause: Clause, whole: Bools) -> Judgement:
    """Judge the number of MQLs of each month."""
    mqls, leads = _of(facts, facts.mqls, clause), _of(facts, facts.created, clause)
    return Judgement(mqls, np.ones_like(mqls), whole, of_quantity(clause, mqls, leads, whole))


def judge_acceptance(facts: Facts, staffing: Staffing, ratios: Ratios, clause: Clause, whole: Bools) -> Judgement:
    """Judge the share of each month's first contacts that sales accepts."""
    over, under = _by_month(facts, ratios["acceptance_rate"], clause)
    return Judgement(over, under, whole & (under > 0), np.full(len(whole), MIX))


def judge_win_share(facts: Facts, staffing: Staffing, ratios: Ratios, clause: Clause, whole: Bools) -> Judgement:
    """Judge the share of a month's first-pass MQLs that win in any pass; only months that are 90% closed."""
    started = facts.dates("passes", "started")
    keep = np.zeros(len(facts.pass_lead), bool)
    keep[facts.first_pass[facts.first_pass >= 0]] = True
    keep &= started.inside
    lead, events = facts.pass_lead[keep], facts.pass_events(keep, started)
    reached = np.bincount(facts.pass_lead, facts.passes.floats("first_response_at") >= 0, minlength=facts.n_leads) > 0
    weights = (facts.leads.ints("outcome")[lead] == WON, facts.closed[lead], reached[lead])
    wins, closed, contacted = (_of(facts, Sum(events, w.astype(np.float64)), clause) for w in weights)
    count = _of(facts, Sum(events), clause)
    judged = whole & (count > 0) & (closed >= CLOSED_ENOUGH * count)
    return Judgement(wins, count, judged, of_quality(clause, wins, contacted))


def judge_response(facts: Facts, staffing: Staffing, ratios: Ratios, clause: Clause, whole: Bools) -> Judgement:
    """Judge the share of the hand-offs that joined the queue in a month and were contacted in the promised time."""
    passes = facts.passes
    handed_off, answered = facts.dates("passes", "handed_off_at"), passes.floats("first_response_at")
    joined = handed_off.at
    already = np.isnan(answered) & facts.accepted  # in the pipeline when the period began: contacted before
    rows = np.flatnonzero(handed_off.inside & ~already)
    until = np.where(np.isnan(answered[rows]), facts.plan.end_h, answered[rows])
    waited, limit = waits_and_limits(facts, rows, joined[rows], until, clause.promise)
    in_time = ~np.isnan(answered[rows]) & (waited <= limit + INSTANT_H)
    waiting = np.isnan(answered[rows]) & (passes.ints("left_to")[rows] == IN_PROGRESS)
    due = ~(waiting & (waited <= limit))
    keep = np.zeros(len(joined), bool)
    keep[rows[due]] = True
    events = facts.pass_events(keep, handed_off)
    over, under = (_of(facts, tally, clause) for tally in (Sum(events, in_time[due].astype(np.float64)), Sum(events)))
    mine = slice(None) if not clause.channel else [facts.plan.channels.index(clause.channel)]
    first = {int(pool) for phase in facts.plan.phases for pool in phase.home_pool[mine, 0]}
    cause = of_load(facts, staffing, _pools(facts, clause, first), whole)
    return Judgement(over, under, whole & (under > 0), cause)


def judge_metric(facts: Facts, staffing: Staffing, ratios: Ratios, clause: Clause, whole: Bools) -> Judgement:
    """Judge a metric of the table by month; one that has no months once, for the whole period."""
    if "month" in TABLE[clause.metric].splits:
        over, under = _by_month(facts, ratios[clause.metric], clause)
        if CONCEPTS[clause.metric] in WORK or clause.metric in ("went_cold", "balked", "contacts", "reached_share"):
            cause = of_load(facts, staffing, _pools(facts, clause, set(range(len(facts.plan.pools)))), whole)
        elif ratios[clause.metric].under is None:  # a sum: the more leads, the more of it
            leads = _of(facts, facts.created, replace(clause, pool=""))
            cause = of_quantity(clause, over, leads, whole)
        else:
            cause = np.full(len(whole), MIX)
        return Judgement(over, under, whole & (under != 0), cause)
    cause = np.full(len(whole), MIX)  # told of months only
    nothing = np.zeros(len(whole))
    part, row = _part(facts, clause)
    over, under = (values[row] for values in ratios[clause.metric].by(part))
    value = float(over / under) if under != 0 else float("nan")
    return Judgement(nothing, nothing, np.zeros(len(whole), bool), cause, value)


def _pools(facts: Facts, clause: Clause, usual: set[int]) -> list[int]:
    return [facts.plan.pools.index(clause.pool)] if clause.pool else sorted(usual - {-1})


def _part(facts: Facts, clause: Clause) -> tuple[str, int]:
    """(split, row) of the pool or channel that a clause is about; the whole plan without one."""
    if clause.pool:
        return "pool", facts.plan.pools.index(clause.pool)
    if clause.channel:
        return "channel", facts.plan.channels.index(clause.channel)
    return "", 0


def _of(facts: Facts, tally: Tally, clause: Clause) -> Floats:
    """[months] of a tally, of the clause's pool or channel only."""
    part, row = _part(facts, clause)
    values = tally.by(f"{part}+month" if part else "month")
    return np.asarray(values.reshape(-1, facts.layout.months)[row])


def _by_month(facts: Facts, ratio: Ratio, clause: Clause) -> tuple[Floats, Floats]:
    over = _of(facts, ratio.over, clause)
    return over, np.ones_like(over) if ratio.under is None else _of(facts, ratio.under, clause)


JUDGES: dict[tuple[str, str], Callable[[Facts, Staffing, Ratios, Clause, Bools], Judgement]] = {
    ("marketing", "mqls"): judge_mqls,
    ("marketing", "win_share"): judge_win_share,
    ("sales", "acceptance"): judge_acceptance,
    ("sales", "response"): judge_response,
}


def sla_metrics(facts: Facts, staffing: Staffing, ratios: Ratios) -> dict[str, Ratio]:
    """Return clauses kept, their values, months kept and judged, and breaches by main cause."""
    clauses = facts.plan.clauses
    judges = [JUDGES.get((clause.side, clause.metric), judge_metric) for clause in clauses]
    months = whole_months(facts.plan)
    found = [judge(facts, staffing, ratios, clause, months) for judge, clause in zip(judges, clauses, strict=True)]
    shape = (len(clauses), facts.layout.months)
    over, under, asked, cause = (
        np.array([getattr(each, name) for each in found], np.float64).reshape(shape)
        for name in ("over", "under", "judged", "cause")
    )
    low, high = (np.array([getattr(c, end) for c in clauses], np.float64).reshape(-1, 1) for end in ("low", "high"))
    value = np.divide(over, under, out=np.full(shape, np.nan), where=(asked > 0) & (under != 0))
    judged = ~np.isnan(value)
    kept = judged & (value >= low) & (value <= high)
    over, under = np.where(judged, over, 0.0), np.where(judged, under, 0.0)
    # a metric that has no months is judged once, for the whole period
    at_once = np.array([each.whole_period for each in found], np.float64)
    once = ~np.isnan(at_once)
    held = np.where(once, (at_once >= low[:, 0]) & (at_once <= high[:, 0]), (kept | ~judged).all(axis=1))
    ever = once | judged.any(axis=1)
    whole, base = np.where(once, at_once, over.sum(axis=1)), np.where(once, 1.0, under.sum(axis=1))
    together = (judged.any(axis=0) & (kept | ~judged).all(axis=0), judged.any(axis=0))
    metrics = {
        "sla_kept": Ratio(_by_clause(held & ever, kept), _by_clause(ever, judged)),
        "sla_value": Ratio(_by_clause(whole, over), _by_clause(base, under)),
    }
    for name, by_clause, at_all in zip(("kept", "judged"), (kept, judged), together, strict=True):
        counts = Known({"": np.array([at_all.sum()]), "clause": by_clause.sum(axis=1)})
        metrics[f"sla_months_{name}"] = Ratio(counts)
    for code, name in enumerate(CAUSES):
        metrics[f"sla_breaches_{name}"] = Ratio(Known({"clause": (judged & ~kept & (cause == code)).sum(axis=1)}))
    return metrics
