"""Every shipped scenario and each of its what-ifs, by every engine; periods shortened to five months."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import Scenario, phases_of
from tests.engines.agree import by_every_engine
from tests.scenarios import shipped

SHORT = ("period.months=5", "period.run_in=6 weeks")


@cache
def scenario(name: str) -> Scenario:
    return shipped.scenario(name, *SHORT)


def plans() -> Iterator[tuple[str, str]]:
    """(file, what-if or nothing)."""
    for name in shipped.FILES:
        yield name, ""
        yield from ((name, what_if) for what_if in scenario(name).what_ifs)


@pytest.mark.parametrize(("name", "what_if"), list(plans()))
def test_every_engine_writes_the_same_bytes_for_a_shipped_scenario(name: str, what_if: str) -> None:
    spec = phases_of(scenario(name), [what_if] if what_if else [])
    plan = compile_plan(spec, static_calibration(spec.base))

    assert len(by_every_engine(plan, shipped.SEED).tasks["lead"]) > 100
