"""A period that starts with a full pipeline (MODEL 1)."""

from __future__ import annotations

from tests.traces.harness import at, funnel, stage, trace

STEPS = [stage("call"), stage("demo", wait="10 hours")]


def full(open_leads: list[dict[str, object]], **sections: object) -> dict[str, object]:
    return funnel({"a": at(200)}, stages=STEPS, run_in_days=0, opening_pipeline=open_leads, **sections)  # type: ignore[arg-type]


def test_an_open_lead_waits_for_what_is_left_of_its_wait() -> None:
    """Ten hours of wait, four gone: the demo is ready at 6:00, round the clock."""
    t = trace(full([{"channel": "a", "stage": "demo", "count": 1, "age": "4 hours"}], calendar="always"))
    assert t.tasks("a1") == [("demo", 0, 6, 6, 7, "advanced")]
    assert t.closed("a1") == ("won", 7)
    assert t.lead("a1").created <= 0


def test_an_open_lead_older_than_any_wait_is_queued_at_once() -> None:
    """A hundred hours at a wait of ten: queued at hour 0, served at 09:00, two in lead order."""
    t = trace(full([{"channel": "a", "stage": "demo", "count": 2, "age": "100 hours"}]))
    assert t.tasks("a1") == [("demo", 0, 0, 9, 10, "advanced")]
    assert t.tasks("a2") == [("demo", 0, 0, 10, 11, "advanced")]


def test_an_open_lead_at_the_first_stage_waits_for_its_first_contact_at_hour_0() -> None:
    """No wait before the first stage: queued at 0, called at 9-10, then the demo after ten hours, on Tuesday at
    09:00.
    """
    t = trace(full([{"channel": "a", "stage": "call", "count": 1, "age": "3 hours"}]))
    assert t.served("a1") == (0, 9, 10)
    assert t.tasks("a1")[1][3:5] == (33, 34)
