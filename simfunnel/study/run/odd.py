"""What the numbers of plans show to be odd before anything is simulated: teams that cannot keep up, leads gone cold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from simfunnel.distributions import mean
from simfunnel.errors import Problem, ScenarioError
from simfunnel.metrics import Key
from simfunnel.plan import Calibration, cold_of, overloads_of, passing_of, static_calibration
from simfunnel.plan.today.contradictions import wins_by_integrals
from simfunnel.scenario import (
    PlanSpec,
    Scenario,
    cold_problem,
    in_plan,
    overload_problem,
    phases_of,
    threshold_problem,
    with_places,
)
from simfunnel.scenario.checks.contradictions import target_problem
from simfunnel.scenario.tell.as_typed import spread_text
from simfunnel.study.years.samples import Samples
from simfunnel.units import significant

MOST_PLANS = 24  # what-ifs that are judged beside today
TOO_COLD = 0.2  # share of a channel's leads
NOBODY = 1e-6  # of a channel's leads reach a bar
FEW, NEARLY_ALL = 0.01, 0.99  # of all leads reach a typed threshold
FULL, NEARLY_FULL = 0.95, 0.9  # busy
GROWN, GROWN_A_LITTLE = 1.5, 1.2
_WORSE = 1.02  # than today, to be told of a what-if


class Oddity(NamedTuple):
    """A problem of a plan: which, and how bad it is."""

    kind: str
    name: str  # of the pool or channel
    size: float
    problem: Problem


def odd_plans(
    scenario: Scenario, specs: Sequence[PlanSpec] | None = None, known: Mapping[str, Calibration] | None = None
) -> list[Problem]:
    """Find what is odd by expected numbers about today and some plans of a scenario, by default what-ifs, with places.

    A plan's problem that today has as well is told once, at today. `known`: calibrations by integrals, by the meaning
    of their base. ScenarioError when something typed is impossible.
    """
    today, known = phases_of(scenario), dict(known or {})
    try:
        specs = [phases_of(scenario, [name]) for name in scenario.fitting] if specs is None else specs
        at_today = {(each.kind, each.name): each for each in _oddities(today, known)}
        found = [in_plan(scenario, today, each.problem) for each in at_today.values()]
        for spec in [each for each in specs if each.settings][:MOST_PLANS]:
            try:
                oddities = list(_oddities(spec, known))
            except ScenarioError as error:  # what cannot be is told at the setting that makes it so
                raise ScenarioError([in_plan(scenario, spec, problem) for problem in error.problems]) from error
            for each in oddities:
                here = at_today.get((each.kind, each.name))
                if here is None or each.size > here.size * _WORSE:
                    found.append(in_plan(scenario, spec, each.problem))
    except ScenarioError as error:
        raise with_places(scenario, error.problems) from error
    return list(dict.fromkeys(found))


def too_busy(names: Sequence[str], samples: Mapping[str, Samples], pools: Sequence[str]) -> list[str]:
    """Name teams without slack as simulated, of each plan; what today, the first plan, has as well is told once.

    Above 95% busy nothing absorbs a peak; a team above 90% whose open leads grow by half through the period is on its
    way there.
    """
    found: list[str] = []
    known: set[str] = set()
    for name in names:
        plan = "" if name == names[0] else f" in the plan {name}"
        for pool in pools:
            busy = _mean(samples[name], Key("busy_share", pool=pool))
            opened = [key for key in samples[name].keys if (key.metric, key.pool) == ("open_leads", pool)]
            months = sorted(key.month for key in opened if key.month >= 0)
            shown = (months[0], months[-2]) if len(months) > 2 else ()  # the last month may not be whole
            first, last = [_mean(samples[name], Key("open_leads", pool=pool, month=at)) for at in shown] or (0.0, 0.0)
            grows = first > 0.0 and last > first * (GROWN if busy <= FULL else GROWN_A_LITTLE)
            if pool in known or not (busy > FULL or (busy > NEARLY_FULL and grows)):
                continue
            known |= {pool} if name == names[0] else set()
            ends = f"{significant(first, 3)} in the first month to {significant(last, 3)} in the last"
            more = f", and its open leads grow from {ends}" if grows else ""
            found.append(
                f"pools.{pool}: {pool} is {busy:.0%} busy{plan}{more}: a team without slack makes leads and deals wait "
                "at every peak, and what waits may go cold; add reps or send it less work"
            )
    return found


def _mean(samples: Samples, key: Key) -> float:
    """Mean over replications as a ratio of means; 0 where it was not measured."""
    one = samples.only([key])
    over, under = float(one.numerator.sum()), float(one.denominator.sum())
    return over / under if under > 0.0 else 0.0


def grows_for_good(spec: PlanSpec, calibration: Calibration) -> Problem | None:
    """Return the problem of a team whose queue grows through the period, by over a month of its work; None without."""
    for each in overloads_of(spec, calibration):
        if each.kind == "behind" and each.a_month > 0.0 and each.weeks > 365.0 / 84.0:
            return overload_problem(each)
    return None


def _oddities(spec: PlanSpec, known: dict[str, Calibration]) -> Iterator[Oddity]:
    meaning = spec.base.meaning_sha256()
    if meaning not in known:
        known[meaning] = static_calibration(spec.base)
    for each in overloads_of(spec, known[meaning]):
        yield Oddity(each.kind, f"{each.pool}/{each.team}", each.load, overload_problem(each))
    now = spec.phases[-1][1]
    for channel, (share, closed) in cold_of(spec, known[meaning]).items():
        if share >= TOO_COLD and channel in now.channels:
            way = now.handoff_of(channel)
            words = "in batches" if way.batch is not None else "instant"
            if way.batch is None and not way.instant and way.delay is not None:
                words = spread_text(way.delay)
            yield Oddity("cold", channel, share, cold_problem(channel, share, closed, words))
    yield from _idle_thresholds(now, passing_of(spec, known[meaning]))
    base, expected = spec.base, 0.0  # revenue of the typed leads, each stage met once
    if spec.settings or base.target is None or base.opening_pipeline:
        return
    won = dict(zip(known[meaning].channels, wins_by_integrals(base, known[meaning]).tolist(), strict=True))
    for name, source in base.channels.items():
        leads = source.weekly_volume * base.period.n_days / 7.0 + fsum(c.leads for c in source.campaigns.values())
        expected += leads * won[name] * mean(source.deal_value.compile())
    if problem := target_problem(base, expected):
        yield Oddity("target", "", 1.0, problem)


def _idle_thresholds(now: Scenario, passing: Mapping[str, float]) -> Iterator[Oddity]:
    """A threshold that (nearly) no lead, or every lead, reaches: of all channels, or of one."""
    here = {name: share for name, share in passing.items() if name in now.channels}
    weights = now.weights
    total = fsum(weights[name] for name in here)
    share = (
        fsum(weights[name] * here[name] for name in here) / total if total > 0.0 else max(here.values(), default=1.0)
    )
    nobody = [name for name in here if here[name] < NOBODY]
    typed = now.qualification.mql_rate is None
    if len(nobody) == len(here) or (typed and share < FEW):
        yield Oddity("nobody", "", 1.0 - share, threshold_problem(now, None, share))
    else:
        for name in nobody:
            yield Oddity("nobody", name, 1.0, threshold_problem(now, name, 0.0))
    if typed and share > NEARLY_ALL:
        yield Oddity("everybody", "", share, threshold_problem(now, None, share))
