"""Scenarios that several benchmarks simulate: those that are shipped, and a sweep of b2b.yaml's threshold."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simfunnel.plan import Plan
    from simfunnel.scenario import Scenario

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = ROOT / "scenarios"
SHIPPED = ("b2b", "b2b_benchmarks", "micro_teams", "minimal", "reference", "slow_handoff", "threshold")
TODAY = 60  # the threshold of b2b.yaml
THRESHOLDS = tuple(range(TODAY - 16, TODAY + 17, 2))  # 17, today's among them
NO_RUN_IN = "period.run_in=0 days"


def shipped(name: str, tiny: bool = False) -> Scenario:
    """A shipped scenario; `tiny`: without its run-in."""
    from simfunnel.scenario import load

    return load(str(SCENARIOS / f"{name}.yaml"), sets=[NO_RUN_IN] if tiny else [])


@cache
def plan_of(name: str, tiny: bool = False) -> Plan:
    """The plan of a shipped scenario, by integrals alone: constants found by simulating would change no cost."""
    from simfunnel.plan import compile_plan, static_calibration

    scenario = shipped(name, tiny)
    return compile_plan(scenario, static_calibration(scenario))


def studied(tiny: bool = False, sets: list[str] | None = None) -> Scenario:
    """b2b.yaml; `tiny`: a hundred leads of the benchmark's own workload, whose threshold is the same."""
    from benchmarks.players import SCENARIO, size
    from simfunnel.scenario import load

    if tiny:
        return load(str(SCENARIO), sets=size(100) + (sets or []))
    return load(str(SCENARIOS / "b2b.yaml"), sets=sets or [])


def sweep_of_thresholds(thresholds: tuple[int, ...] = THRESHOLDS, tiny: bool = False) -> tuple[Scenario, list[str]]:
    """The studied scenario with a what-if for each threshold but today's, and the names of those what-ifs."""
    names = {f"threshold_{value}": value for value in thresholds if value != TODAY}
    sets = [f"what_ifs.{name}={{qualification.threshold: {value}}}" for name, value in names.items()]
    return studied(tiny, sets), list(names)
