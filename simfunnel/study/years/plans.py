"""From a scenario and the names of its what-ifs to plans that can be simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Literal

from simfunnel.errors import Problem, ScenarioError, notices
from simfunnel.metrics import clause_problems
from simfunnel.plan import Calibration, Plan
from simfunnel.plan.sla import clauses
from simfunnel.possible import impossible_at, planned
from simfunnel.scenario import PlanSpec, Scenario, check, phases_of, with_places
from simfunnel.scenario.change.levers import pools_with_added_reps, ramp_notes
from simfunnel.scenario.change.phases import TODAY
from simfunnel.study.calibrate.calibrate import calibrate
from simfunnel.study.calibrate.error import CalibrationError, error_of
from simfunnel.study.run.odd import odd_plans
from simfunnel.study.run.typed_rates import contradicted
from simfunnel.study.years.calls import warm_up, workers_will_compile
from simfunnel.study.years.work import CALIBRATING, COMPILING, Work

Start = Literal["period", "settled"] | date

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Prepared:
    """The plans of a study, the base first, with their names and the base's calibration.

    `calibrations`: of every base, by its `meaning_sha256`; `errors`: what they leave in the figures of each plan.
    """

    names: tuple[str, ...]
    plans: tuple[Plan, ...]
    calibration: Calibration
    warnings: tuple[str, ...]
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    errors: tuple[CalibrationError, ...] = ()
    contradictions: tuple[Problem, ...] = ()  # between numbers typed in the base; they stand first in `warnings`

    @property
    def by_name(self) -> dict[str, Plan]:
        """The plans by their names."""
        return dict(zip(self.names, self.plans, strict=True))

    @property
    def error(self) -> CalibrationError:
        """What the calibration of the base leaves in its figures."""
        return self.errors[0]


def prepare(scenario: Scenario, lists: Sequence[Sequence[str]], start: Start, work: Work) -> Prepared:
    """Compile one plan for each list of what-ifs (an empty list is the base), calibrating each base that occurs once.

    Raises ScenarioError for a name or an override that does not hold, or a promise that nobody can judge.
    """
    return prepare_specs(scenario, [phases_of(scenario, names, start) for names in lists], work)


def prepare_specs(
    scenario: Scenario,
    specs: Sequence[PlanSpec],
    work: Work,
    known: Mapping[str, Calibration] | None = None,
    check_load: bool = True,
) -> Prepared:
    """Compile the plans of a scenario, calibrating each base that occurs once; raises ScenarioError.

    With workers at hand, what simulates is first compiled to machine code here, unless it was long ago. `known`:
    calibrations at hand by `meaning_sha256` of their base. `check_load`: also tell of teams that cannot keep up.
    """
    if work.executor is not None and workers_will_compile(work.executor):
        work.tell(COMPILING, 0, 1)
        warm_up()
    if problems := clause_problems(clauses(scenario)):
        raise with_places(scenario, problems)
    found = dict(known or {})
    try:
        plans = [_compiled(scenario, spec, specs, found, work) for spec in specs]
    except ScenarioError as error:
        raise with_places(scenario, error.problems) from error
    contradictions = contradicted(specs[0].base, found[specs[0].base.meaning_sha256()]) if specs else ()
    warnings: list[str] = [*notices([*contradictions, *check(scenario)])]
    warnings += [text for each in found.values() for text in each.warnings]
    if check_load:
        named = [spec for spec in specs if spec.name == TODAY or set(spec.name.split(" + ")) <= set(scenario.what_ifs)]
        warnings += [str(problem) for problem in odd_plans(scenario, named)] if named else []
        warnings += ramp_notes(scenario, [pool for spec in named for pool in pools_with_added_reps(spec)])
    names = tuple(spec.name for spec in specs)
    pairs = zip(specs, plans, strict=True)
    errors = (error_of(found[spec.base.meaning_sha256()], plan, spec.base) for spec, plan in pairs)
    first = next(iter(found.values()))
    return Prepared(names, tuple(plans), first, tuple(dict.fromkeys(warnings)), found, tuple(errors), contradictions)


def _compiled(
    scenario: Scenario, spec: PlanSpec, specs: Sequence[PlanSpec], known: dict[str, Calibration], work: Work
) -> Plan:
    """The plan of a spec; `known` keeps the calibration of each base by its meaning.

    Before pilots of a base are simulated, every plan on it is compiled once, so that mistakes are told at once.
    """
    meaning = spec.base.meaning_sha256()
    if meaning not in known:
        same = [other for other in specs if other.base.meaning_sha256() == meaning]
        with impossible_at(scenario, spec):
            known[meaning] = calibrate(
                spec.base,
                executor=work.executor,
                workers=work.workers,
                engine=work.engine,
                on_progress=partial(work.tell_or_leave, CALIBRATING),
                before_pilots=lambda static: [planned(scenario, other, static) for other in same],
            )
    return planned(scenario, spec, known[meaning])


def month_labels(plan: Plan) -> tuple[str, ...]:
    """Name the months of results: "2027-01", counted from a day "2027-01-04", of a fiscal year "P1 FY27/28"."""
    return plan.reported_names[: len(plan.months_h) - 1] or calendar_months(plan)


def calendar_months(plan: Plan) -> tuple[str, ...]:
    """Return the period's calendar months as "2027-01", in order."""
    days = [int(hour // 24) for hour in plan.month_start_h[:-1]]
    return tuple((EPOCH + timedelta(days=plan.day_zero + day)).strftime("%Y-%m") for day in days)
