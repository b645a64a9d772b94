"""Whether today's plan and those of what-ifs can be compiled at all, so that what is checked can be run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from simfunnel.errors import MISSING, Problem, ScenarioError
from simfunnel.plan import Calibration, Plan, compile_plan, static_calibration
from simfunnel.scenario import PlanSpec, Scenario, phases_of, told_of, with_places
from simfunnel.scenario import check as odd_of
from simfunnel.scenario.whatif import WhatIf

MOST_PLANS = 100  # what-ifs that are compiled in full; of more, some of each kind, its ends among them
MOST_OF_ALL = 200
_NUMBER = re.compile(r"[-+]?[0-9][0-9,]*\.?[0-9]*(?:[eE][-+]?[0-9]+)?")


def check(scenario: Scenario) -> list[Problem]:
    """What is odd about a scenario but can be simulated, in the order of its lines; ScenarioError when it cannot be."""
    refuse_impossible(scenario)
    return odd_of(scenario)


def refuse_impossible(scenario: Scenario) -> dict[str, Calibration]:
    """The calibrations by integrals of today and its what-ifs, by the meaning of their base, once all compile.

    ScenarioError with every plan's problems at their places; what today cannot be is told without its what-ifs.
    """
    known: dict[str, Calibration] = {}
    try:
        _compile(scenario, phases_of(scenario), known)
    except ScenarioError as error:
        raise with_places(scenario, error.problems) from error
    problems: dict[Problem, None] = {}
    for name in picked(scenario.what_ifs):
        try:
            _compile(scenario, phases_of(scenario, [name]), known)
        except ScenarioError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise with_places(scenario, problems)
    return known


@contextmanager
def impossible_at(scenario: Scenario, spec: PlanSpec) -> Iterator[None]:
    """Tell what a plan cannot be, or cannot be computed, as a ScenarioError at the setting that makes it so."""
    try:
        yield
    except ScenarioError as error:
        if not spec.settings:
            raise
        raise ScenarioError([told_of(scenario, spec, problem) for problem in error.problems]) from error
    except (ValueError, ArithmeticError) as error:
        rule = "leads to numbers that cannot be computed"
        problem = Problem((), MISSING, rule, "write less extreme numbers: sizes, rates or spreads that occur")
        raise ScenarioError([told_of(scenario, spec, problem)]) from error


def planned(scenario: Scenario, spec: PlanSpec, calibration: Calibration) -> Plan:
    """The plan of a spec; what cannot be is told at the setting that makes it so, with the plan's name."""
    with impossible_at(scenario, spec):
        return compile_plan(spec, calibration)


def picked(what_ifs: Mapping[str, WhatIf]) -> list[str]:
    """The what-ifs to compile: all of a few; of many, those of each kind (that set the same paths) spread evenly over
    their values, the least and the largest among them."""
    if len(what_ifs) <= MOST_PLANS:
        return list(what_ifs)
    kinds: dict[tuple[object, ...], list[str]] = {}
    for name, each in what_ifs.items():
        kinds.setdefault(tuple((item.start, item.path) for item in each.items), []).append(name)
    size = max(2, MOST_PLANS // len(kinds))
    found: list[str] = []
    for names in kinds.values():
        found += _spread(sorted(names, key=lambda name: [_rank(item.value) for item in what_ifs[name].items]), size)
    return _spread(found, MOST_OF_ALL)


def _spread(names: list[str], count: int) -> list[str]:
    """So many of the names, evenly spread, the first and the last among them."""
    if len(names) <= count:
        return names
    return [names[round(at * (len(names) - 1) / (count - 1))] for at in range(count)]


def _rank(value: object) -> tuple[float, str]:
    """What values are sorted by: the number that begins them, then their text."""
    text = str(value)
    number = _NUMBER.search(text)
    return (float(number[0].replace(",", "")) if number else 0.0, text)


def _compile(scenario: Scenario, spec: PlanSpec, known: dict[str, Calibration]) -> None:
    meaning = spec.base.meaning_sha256()
    if meaning not in known:
        with impossible_at(scenario, spec):
            known[meaning] = static_calibration(spec.base)
    planned(scenario, spec, known[meaning])
