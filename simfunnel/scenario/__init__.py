"""A scenario as a planner writes it, read and checked: YAML in human units to a frozen `Scenario`."""

from collections.abc import Iterable

from simfunnel.errors import Problem, ScenarioError
from simfunnel.scenario.change.levers import Lever, changes_of, lever_of
from simfunnel.scenario.change.overrides import set_value
from simfunnel.scenario.change.paths import is_belief
from simfunnel.scenario.change.phases import PlanSpec, in_plan, phases_by, phases_of, phases_with
from simfunnel.scenario.change.what_if import Setting, WhatIf
from simfunnel.scenario.checks import Overload, agreement_problem, cold_problem, overload_problem, threshold_problem
from simfunnel.scenario.fields.field import FieldError
from simfunnel.scenario.model import Assumption, Scenario
from simfunnel.scenario.ranges.inputs import HIGH, LOW, TODAY, Input, chosen, inputs_of, ranges_of, with_values
from simfunnel.scenario.ranges.ranges import TypedRange
from simfunnel.scenario.read.load import as_scenario, by_place, load, parse
from simfunnel.scenario.read.mistakes import located
from simfunnel.scenario.read.stand_ins import later_mistakes
from simfunnel.scenario.tell.reference import SCHEMA_FILE, reference_text, schema, schema_text, starter_text

__all__ = [
    "HIGH", "LOW", "SCHEMA_FILE", "TODAY", "Assumption", "FieldError", "Input", "Lever", "Overload", "PlanSpec",
    "Scenario", "Setting", "TypedRange", "WhatIf", "agreement_problem", "as_scenario", "by_place", "changes_of",
    "check", "chosen", "cold_problem", "in_plan", "inputs_of", "is_belief", "later_mistakes", "lever_of", "load",
    "located", "overload_problem", "parse", "phases_by", "phases_of", "phases_with", "ranges_of", "reference_text",
    "schema", "schema_text", "set_value", "starter_text", "threshold_problem", "with_places", "with_values",
]  # fmt: skip


def check(scenario: Scenario) -> list[Problem]:
    """Return what is odd about a scenario but can be simulated, in the order of its lines."""
    return list(scenario.warnings)


def with_places(scenario: Scenario, problems: Iterable[Problem]) -> ScenarioError:
    """Make the error of problems found by path in a later step (the plan's), with file, line and column."""
    return ScenarioError([located(problem, scenario.raw, scenario.places) for problem in problems])
