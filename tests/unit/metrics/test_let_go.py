"""What is worked out of a ledger goes with it: ledgers of a million leads are not held until garbage is collected."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from simfunnel.engine import simulate
from simfunnel.metrics import measure, pair_changes
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import parse, phases_of

SCENARIOS = Path(__file__).parents[3] / "scenarios"
WEEKS = ("period={start: 2027-01-11, months: 6, run_in: 4 weeks}",)  # months of its own beside those of the agreement


@pytest.mark.parametrize("sets", [(), WEEKS], ids=["calendar months", "months of its own"])
def test_what_measured_a_ledger_leaves_nothing_that_refers_to_itself(sets: tuple[str, ...]) -> None:
    scenario = parse((SCENARIOS / "b2b.yaml").read_text(), [*sets, "channels.webinar.campaigns={}"])
    specs = [phases_of(scenario, names) for names in ((), ("stricter",))]
    plan, other = (compile_plan(spec, static_calibration(spec.base)) for spec in specs)
    measure(plan, simulate(plan, 1, 0))  # what is kept for good is made
    gc.collect()
    gc.disable()
    try:
        ledger, beside = simulate(plan, 1, 1), simulate(other, 1, 1)
        measure(plan, ledger)
        pair_changes(plan, ledger, other, beside)

        assert gc.collect() == 0
    finally:
        gc.enable()
