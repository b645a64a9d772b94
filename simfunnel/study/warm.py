"""Compiling before the work is shared out, so that no two workers compile the same."""

from __future__ import annotations

from simfunnel.engine import AUTO, SIMPY, resolve
from simfunnel.jit import cache_is_cold, nothing_is_kept, seal_cache
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import parse, starter_text
from simfunnel.study.items import Item, simulate_item

SHORT = "period: {start: 2027-01-04, months: 12}", "period: {start: 2027-01-04, days: 7, run_in: 1 day}"


def warm_up() -> None:
    """Simulate a week of the starter scenario twice on every engine: whatever they need is compiled then, and kept."""
    scenario = parse(starter_text().replace(*SHORT))
    plan = compile_plan(scenario, static_calibration(scenario))
    for engine in dict.fromkeys((SIMPY, resolve(AUTO))):
        simulate_item(Item((plan, plan), 1, 0, engine))
    seal_cache()


def workers_will_compile() -> bool:
    """Whether workers that start now would each compile what this process could compile for all of them."""
    return cache_is_cold() and not nothing_is_kept()
