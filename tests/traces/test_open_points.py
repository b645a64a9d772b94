"""Rules on which two features meet: a calendar that changes during a task, an opening wait in working time."""

from __future__ import annotations

import numpy as np

from simfunnel.engine.opening import _rest
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import parse, phases_of
from tests.traces.harness import at, funnel, pool, stage, trace


def test_a_task_in_hand_at_a_change_of_calendar_is_staffed_by_the_calendar_it_began_with() -> None:
    # Sixty hours from hour -1, day and night, so until hour 59. From hour 0 the desk keeps office hours.
    typed = funnel(
        {"web": at(-1)},
        call={"effort": "60 hours"},
        desk={"calendar": "always"},
        what_ifs={"office": {"pools.desk.calendar": {"days": "Mon-Fri", "hours": "09:00-17:00"}}},
    )

    reps = trace(typed, ["office"]).ledger.reps  # `trace` checks that nobody is busier than staffed

    assert reps["busy"].sum() == 60.0
    assert np.all(reps["busy"] <= reps["staffed"] + 1e-9)


def test_an_opening_wait_in_working_time_uses_up_open_hours_only() -> None:
    # Monday 00:00; four working hours began on Saturday, so none of them is over: ready at 13:00.
    typed = funnel(
        {"web": at(-1)},
        stages=[stage("call"), stage("demo", wait="4 working hours")],
        pools={"desk": pool("call", "demo")},
        run_in_days=0,
    )
    typed["channels"]["web"]["lists"]["every"] = "300 hours"
    typed["calendar"] = {"days": "Mon-Fri", "hours": "09:00-17:00"}
    scenario = parse(typed)
    plan = compile_plan(phases_of(scenario, []), static_calibration(scenario))

    ready = _rest(plan, plan.phases[0].stages[1].wait, 0, 1, np.array([30.0]), np.array([0.5]))

    assert ready.tolist() == [13.0]
