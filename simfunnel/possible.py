"""Scenarios loaded and checked as a whole: whether today's plan and those of what-ifs can be compiled at all, so that
what is checked can be run, and mistakes of every step are told in one go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING

from simfunnel import plan
from simfunnel.arguments import names_of
from simfunnel.errors import MISSING, ArgumentError, Problem, ScenarioError, value_text
from simfunnel.scenario import (
    PlanSpec,
    Scenario,
    as_scenario,
    by_place,
    in_plan,
    later_mistakes,
    phases_of,
    with_places,
)
from simfunnel.scenario import check as odd_of
from simfunnel.scenario import load as scenario_in
from simfunnel.scenario.change.what_if import WhatIf

if TYPE_CHECKING:
    from simfunnel.plan import Calibration, Plan

MOST_PLANS = 100  # what-ifs that are compiled in full; of more, some of each kind, its ends among them
MOST_OF_ALL = 200
_NUMBER = re.compile(r"[-+]?[0-9][0-9,]*\.?[0-9]*(?:[eE][-+]?[0-9]+)?")


def load(path: str | PathLike[str], sets: Sequence[str] = ()) -> Scenario:
    """Load the scenario in a file, changed by `PATH=VALUE` texts; it may read files of its own folder only.

    Raises ScenarioError with every mistake that does not follow from another, each with its file, line and column:
    those of the text, and beside them those that only its plans show. A scenario without mistakes in its text is
    loaded whatever its plans are; `check` and every study refuse plans that cannot be.
    """
    if not isinstance(path, str | PathLike):
        raise ArgumentError("path", f"{value_text(path)} is not the name of a file")
    return scenario_in(path, names_of("sets", sets), impossible)


def check(scenario: Scenario) -> list[Problem]:
    """Return what is odd about a scenario but can be simulated, in the order of its lines; ScenarioError otherwise."""
    found = as_scenario(scenario)
    refuse_impossible(found)
    return odd_of(found)


def refuse_impossible(scenario: Scenario) -> dict[str, Calibration]:
    """Return the calibrations by integrals of today and its what-ifs, by the meaning of their base, once all compile.

    ScenarioError with every plan's problems at their places.
    """
    known: dict[str, Calibration] = {}
    if first := impossible(scenario, known=known):
        raise ScenarioError(by_place([*later_mistakes(scenario, impossible), *first]))
    return known


def impossible(
    scenario: Scenario, names: Sequence[str] | None = None, known: dict[str, Calibration] | None = None
) -> list[Problem]:
    """Return what makes today's plan impossible, with places; where nothing does, what makes the what-ifs' so.

    `names`: of what-ifs, by default those that tell of all. `known` takes the calibrations found.
    """
    known = {} if known is None else known
    found: list[Problem] = []
    if scenario.sla is not None and scenario.sla.other:  # promises of other metrics
        from simfunnel.metrics import clause_problems
        from simfunnel.plan.sla import clauses

        found += clause_problems(clauses(scenario))
    found += _problems(scenario, [], known)
    if not found:
        fitting = {name: scenario.what_ifs[name] for name in scenario.fitting}
        for name in picked(fitting) if names is None else names:
            found += _problems(scenario, [name], known) if name in scenario.what_ifs else []
    return list(dict.fromkeys(with_places(scenario, found).problems))


@contextmanager
def telling_all(scenario: Scenario, names: Sequence[str] = ()) -> Iterator[None]:
    """Raise a ScenarioError of a study with all else that makes today, or what-ifs of these names, impossible."""
    try:
        yield
    except ScenarioError as error:
        others = later_mistakes(scenario, partial(impossible, names=names))
        raise ScenarioError(by_place([*others, *error.problems])) from error


def _problems(scenario: Scenario, names: Sequence[str], known: dict[str, Calibration]) -> list[Problem]:
    """Return what makes the plan of some what-ifs impossible."""
    try:
        spec = phases_of(scenario, names)
        meaning = spec.base.meaning_sha256()
        if meaning not in known:
            with impossible_at(scenario, spec):
                known[meaning] = plan.static_calibration(spec.base)
        planned(scenario, spec, known[meaning])
    except ScenarioError as error:
        return list(error.problems)
    return []


@contextmanager
def impossible_at(scenario: Scenario, spec: PlanSpec) -> Iterator[None]:
    """Tell what a plan cannot be, or cannot be computed, as a ScenarioError at the setting that makes it so."""
    try:
        yield
    except ScenarioError as error:
        if not spec.settings:
            raise
        raise ScenarioError([in_plan(scenario, spec, problem) for problem in error.problems]) from error
    except (ValueError, ArithmeticError) as error:
        rule = "leads to numbers that cannot be computed"
        problem = Problem((), MISSING, rule, "write less extreme numbers: sizes, rates or spreads that occur")
        raise ScenarioError([in_plan(scenario, spec, problem)]) from error


def planned(scenario: Scenario, spec: PlanSpec, calibration: Calibration) -> Plan:
    """Compile the plan of a spec; what cannot be is told at the setting that makes it so, with the plan's name."""
    with impossible_at(scenario, spec):
        return plan.compile_plan(spec, calibration)


def picked(what_ifs: Mapping[str, WhatIf]) -> list[str]:
    """Choose the what-ifs to compile: all of a few; of many, those of each kind (that set the same paths) spread evenly
    over their values, the least and the largest among them."""
    if len(what_ifs) <= MOST_PLANS:
        return list(what_ifs)
    kinds: dict[tuple[object, ...], list[str]] = {}
    for name, each in what_ifs.items():
        kinds.setdefault(tuple((item.start, item.path) for item in each.items), []).append(name)

    def values(name: str) -> list[tuple[float, str]]:
        """Return the numbers that begin its values, with the texts: by these what-ifs of a kind are sorted."""
        texts = [str(item.value) for item in what_ifs[name].items]
        numbers = [_NUMBER.search(text) for text in texts]
        return [(float(n[0].replace(",", "")) if n else 0.0, text) for n, text in zip(numbers, texts, strict=True)]

    size = max(2, MOST_PLANS // len(kinds))
    found = [name for names in kinds.values() for name in _spread(sorted(names, key=values), size)]
    return _spread(found, MOST_OF_ALL)


def _spread(names: list[str], count: int) -> list[str]:
    """Return so many of the names, evenly spread, the first and the last among them."""
    if len(names) <= count:
        return names
    return [names[round(at * (len(names) - 1) / (count - 1))] for at in range(count)]
