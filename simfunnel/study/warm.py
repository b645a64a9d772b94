"""Compiling before the work is shared out, so that no two workers compile the same."""

from __future__ import annotations

from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import parse, starter_text
from simfunnel.study.items import Item, simulate_item

SHORT = "period: {start: 2027-01-04, months: 12}", "period: {start: 2027-01-04, days: 7, run_in: 1 day}"


def warm_up() -> None:
    """Simulate a week of the starter scenario twice: whatever an engine needs is compiled then."""
    scenario = parse(starter_text().replace(*SHORT))
    plan = compile_plan(scenario, static_calibration(scenario))
    simulate_item(Item((plan, plan), 1, 0))
