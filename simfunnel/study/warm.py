"""Compiling before the work is shared out, so that no two workers compile the same."""

from __future__ import annotations

from simfunnel.engine import AUTO, SIMPY, resolve
from simfunnel.jit import cache_is_cold, nothing_is_kept, seal_cache
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import parse, phases_of, starter_text
from simfunnel.study.items import Item, simulate_item

YEAR = "period: {start: 2027-01-04, months: 12}"
WEEK = "period: {start: 2027-01-04, days: 7, run_in: 1 day}"
WITHOUT_RUN_IN = """period: {start: 2027-01-04, days: 7, run_in: 0 days}
opening_pipeline: [{channel: website, stage: demo, count: 4, age: 10 days}]"""
OTHER_HOURS = '  other_hours: {from: 2027-01-07, calendar.hours: "10:00-12:00"}\n'


def warm_up() -> None:
    """Simulate weeks of the starter scenario on every engine: whatever they need is compiled then, and kept.

    One week begins with a run-in and changes its hours, the other begins with a pipeline.
    """
    for period in (WEEK, WITHOUT_RUN_IN):
        scenario = parse(starter_text().replace(YEAR, period) + OTHER_HOURS)
        spec = phases_of(scenario, ["other_hours"])
        plan = compile_plan(spec, static_calibration(scenario))
        for engine in dict.fromkeys((SIMPY, resolve(AUTO))):
            simulate_item(Item((plan, plan), 1, 0, engine))
    seal_cache()


def workers_will_compile() -> bool:
    """Whether workers that start now would each compile what this process could compile for all of them."""
    return cache_is_cold() and not nothing_is_kept()
