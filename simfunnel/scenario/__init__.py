"""What a planner writes, read and judged: YAML in human units to a frozen `Scenario`."""

from collections.abc import Iterable

from simfunnel.errors import Problem, ScenarioError
from simfunnel.scenario.checks import Overload, agreement_problem, bar_problem, cold_problem, overload_problem
from simfunnel.scenario.drawn import ranges_of, with_values
from simfunnel.scenario.fields import FieldError
from simfunnel.scenario.inputs import HIGH, LOW, TODAY, Input, chosen, inputs_of
from simfunnel.scenario.json_schema import SCHEMA_FILE, schema, schema_text
from simfunnel.scenario.levers import Lever, changes_of, lever_of
from simfunnel.scenario.loading import as_scenario, by_place, load, parse
from simfunnel.scenario.mistakes import located
from simfunnel.scenario.model import Assumption, Scenario
from simfunnel.scenario.overrides import set_value
from simfunnel.scenario.paths import is_belief
from simfunnel.scenario.phases import PlanSpec, phases_by, phases_of, phases_with, told_of
from simfunnel.scenario.ranges import TypedRange
from simfunnel.scenario.reference import reference_text
from simfunnel.scenario.starter import starter_text
from simfunnel.scenario.told import later_mistakes
from simfunnel.scenario.whatif import Setting, WhatIf

__all__ = [
    "HIGH",
    "LOW",
    "SCHEMA_FILE",
    "TODAY",
    "Assumption",
    "FieldError",
    "Input",
    "Lever",
    "Overload",
    "PlanSpec",
    "Scenario",
    "Setting",
    "TypedRange",
    "WhatIf",
    "agreement_problem",
    "as_scenario",
    "bar_problem",
    "by_place",
    "changes_of",
    "check",
    "chosen",
    "cold_problem",
    "inputs_of",
    "is_belief",
    "later_mistakes",
    "lever_of",
    "load",
    "located",
    "overload_problem",
    "parse",
    "phases_by",
    "phases_of",
    "phases_with",
    "ranges_of",
    "reference_text",
    "schema",
    "schema_text",
    "set_value",
    "starter_text",
    "told_of",
    "with_places",
    "with_values",
]


def check(scenario: Scenario) -> list[Problem]:
    """What is odd about a scenario but can be simulated, in the order of its lines."""
    return list(scenario.warnings)


def with_places(scenario: Scenario, problems: Iterable[Problem]) -> ScenarioError:
    """The error of problems found by path in a later step (the plan's), with file, line and column."""
    return ScenarioError([located(problem, scenario.raw, scenario.places) for problem in problems])
