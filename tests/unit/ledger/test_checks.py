"""Each check lets a sound ledger pass and names what is wrong in a broken one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from simfunnel.errors import EngineError
from simfunnel.ledger import Ledger, checks
from simfunnel.ledger import columns as c
from simfunnel.plan import model as m
from tests.unit.metrics.factory import (
    AE,
    END,
    FEBRUARY,
    RUN_IN,
    SDR,
    Row,
    calendar,
    ledger,
    phase,
    plan,
    roster,
    rules,
)

NAN = float("nan")


def task(lead: int, queued: float, started: float, ended: float, decision: int, **changes: object) -> Row:
    """A task at discovery, an hour of work unless it never started."""
    times = {"entered": queued, "queued": queued, "started": started, "ended": ended}
    effort = 0.0 if np.isnan(started) else 1.0
    return {"lead": lead, "pool": SDR, "rep": 0, **times, "effort": effort, "decision": decision, **changes}


def sound(**changes: object) -> Ledger:
    """Lead 0 wins; 1 goes cold at 6 after waiting from 2; 2 waits from 3 until the end; 3 is in nurture."""
    leads: list[Row] = [
        {"created": 0.5, "outcome": c.WON, "closed_at": 9.0, "passes": 1, "effort": 2.0},
        {"created": 1.0, "outcome": c.WENT_COLD, "closed_at": 6.0, "passes": 1},
        {"created": 1.5, "outcome": c.OPEN, "passes": 1},
        {"created": -5.0, "outcome": c.IN_NURTURE, "entries": 1},
    ]
    passes: list[Row] = [
        {"lead": 0, "started": 0.5, "handed_off_at": 1.0, "first_response_at": 1.0, "accepted": 1, "stage": 2,
         "left_to": c.P_WON, "left_at": 9.0},
        {"lead": 1, "started": 1.0, "handed_off_at": 2.0, "left_to": c.P_COLD, "left_at": 6.0},
        {"lead": 2, "started": 1.5, "handed_off_at": 3.0, "left_to": c.IN_PROGRESS},
    ]  # fmt: skip
    tasks = [
        task(0, 1.0, 1.0, 2.0, c.ADVANCED, kind=c.FIRST_CONTACT, x=0.1),
        task(0, 4.0, 8.0, 9.0, c.ADVANCED, stage=1, pool=AE, x=0.1, entered=2.0),
        task(1, 2.0, NAN, 6.0, c.COLD, rep=-1),
        task(2, 3.0, NAN, NAN, c.PENDING, rep=-1),
    ]
    entries = [{"lead": 3, "entered": -5.0, "end": c.STILL_IN}]
    queues = [
        {"pool": SDR, "queue_hours": 4.0 + END - 3.0, "joined": 3, "started": 1, "left": 1},
        {"pool": AE, "queue_hours": 4.0, "joined": 1, "started": 1, "left": 0},
    ]
    reps = [{"pool": SDR, "rep": 0, "week": 0, "staffed": 5.0, "busy": 1.0}]
    tables = {"leads": leads, "passes": passes, "tasks": tasks, "entries": entries, "queues": queues, "reps": reps}
    return ledger(**{**tables, **changes})  # type: ignore[arg-type]


def broken(table: str, column: str, row: int, value: float) -> Ledger:
    """The sound ledger with one number changed."""
    book = sound()
    changed = {name: values.copy() for name, values in book.table(table).items()}
    changed[column][row] = value
    return Ledger(**{**book.__dict__, table: changed})


def test_a_sound_ledger_has_no_violations() -> None:
    assert checks.violations(plan(), sound()) == []
    checks.check(plan(), sound())


def test_an_empty_ledger_has_no_violations() -> None:
    assert checks.violations(plan(), ledger()) == []


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "check", "says"),
    [
        ("leads", "closed_at", 0, NAN, checks.conservation, "closed without a time"),
        ("leads", "closed_at", 2, 7.0, checks.conservation, "closed without a time"),
        ("leads", "closed_at", 1, 0.2, checks.conservation, "closed before it was created"),
        ("leads", "closed_at", 1, END, checks.conservation, "created or closed after the period"),
        ("leads", "passes", 0, 2, checks.records_agree, "another number of passes"),
        ("leads", "entries", 3, 0, checks.records_agree, "another number of entries"),
        ("leads", "outcome", 1, c.LOST, checks.records_agree, "no pass ended so"),
        ("passes", "left_to", 2, c.P_LOST, checks.records_agree, "open without a pass under way"),
        ("entries", "end", 0, c.CLOSED, checks.records_agree, "in nurture without a stay"),
        ("leads", "effort", 0, 3.0, checks.records_agree, "effort is not that of the tasks"),
        ("leads", "wasted", 0, 1.0, checks.records_agree, "wasted is not that of the tasks"),
        ("passes", "stage", 1, 2, checks.records_agree, "passed every stage, but not won"),
        ("passes", "handed_off_at", 0, 0.4, checks.order_in_time, "handed_off_at before"),
        ("passes", "first_response_at", 0, 0.6, checks.order_in_time, "first_response_at before"),
        ("tasks", "started", 1, 3.5, checks.order_in_time, "started before"),
        ("tasks", "ended", 0, 0.9, checks.order_in_time, "ended before"),
        ("entries", "entered", 0, -6.0, checks.order_in_time, "entered before"),
        ("tasks", "effort", 0, -1.0, checks.nothing_negative, "tasks.effort is negative"),
        ("leads", "value", 0, -1.0, checks.nothing_negative, "leads.value is negative"),
        ("reps", "busy", 0, 6.0, checks.nothing_negative, "busier than staffed"),
        ("queues", "queue_hours", 0, 2000.0, checks.little, "SDR: 2000.0 lead-hours"),
        ("queues", "queue_hours", 1, 4.0 + 1e-7, checks.little, "AE: "),
        ("queues", "joined", 0, 2, checks.little, "SDR: 2 tasks joined, but 3"),
        ("queues", "left", 0, 2, checks.little, "SDR: 2 tasks left, but 1"),
    ],
)
def test_a_check_names_what_is_wrong(
    table: str, column: str, row: int, value: float, check: Callable[..., list[str]], says: str
) -> None:
    found = check(plan(), broken(table, column, row, value))

    assert any(says in sentence for sentence in found), found


def test_what_is_wrong_raises_all_at_once() -> None:
    with pytest.raises(EngineError, match="another number of passes"):
        checks.check(plan(), broken("leads", "passes", 0, 2))


def test_a_lead_that_vanishes_breaks_the_count_of_its_channel() -> None:
    """Closed before the period in its time, but open by its outcome: it was there at the start and at no end."""
    found = checks.conservation(plan(), broken("leads", "closed_at", 3, -1.0))

    assert any(sentence.startswith("web: ") for sentence in found)


def test_nothing_starts_while_closed() -> None:
    p = plan(calendars=(calendar(0),), working_day_h=np.array([8.0]))

    found = checks.order_in_time(p, ledger(leads=[{}], tasks=[task(0, 9.0, 17.0, 18.0, c.ADVANCED)]))

    assert found == ["SDR: a task starts while closed: row 0"]


def test_a_rep_has_one_task_in_hand_at_a_time() -> None:
    tasks = [task(0, 1.0, 1.0, 3.0, c.ADVANCED), task(1, 1.0, 2.0, 4.0, c.ADVANCED), task(2, 1.0, 4.0, NAN, c.PENDING)]

    found = checks.hands(plan(), ledger(leads=[{}] * 3, tasks=tasks))

    assert found == ["tasks: a rep has two in hand (in the order of reps): row 0"]


def test_two_reps_may_work_at_the_same_time() -> None:
    tasks = [task(0, 1.0, 1.0, 3.0, c.ADVANCED), task(1, 1.0, 2.0, 4.0, c.ADVANCED, rep=1)]

    assert checks.hands(plan(), ledger(leads=[{}] * 2, tasks=tasks)) == []


@pytest.mark.parametrize("started", [FEBRUARY - 1, FEBRUARY + 24])
def test_nobody_works_before_joining_or_from_leaving_on(started: float) -> None:
    staff = roster((SDR, FEBRUARY, FEBRUARY + 24))

    found = checks.hands(plan(roster=staff), ledger(leads=[{}], tasks=[task(0, 1.0, started, NAN, c.PENDING)]))

    assert found == ["tasks: started by a rep who is not on the headcount: row 0"]


def overtaking(**changes: object) -> list[str]:
    """Lead 0 joins at 1 and starts at 5; lead 1 joins at 2 and starts at 4."""
    tasks = [task(0, 1.0, 5.0, 6.0, c.ADVANCED), task(1, 2.0, 4.0, 5.0, c.ADVANCED, rep=1)]
    pool = rules(**changes)
    return checks.no_overtaking(plan(phases=(phase(pools=(pool, rules())),)), ledger(leads=[{}] * 2, tasks=tasks))


def test_nobody_overtakes_in_a_fifo_queue() -> None:
    assert overtaking() == ["SDR: a task started while one that came before it was waiting"]


@pytest.mark.parametrize(
    "rule",
    [
        {"discipline": m.NEWEST_FIRST}, {"discipline": m.HIGHEST_SCORE}, {"routing": m.ROUND_ROBIN},
        {"structure": m.DEDICATED}, {"ownership": m.OWNED_BY_REP},
    ],
)  # fmt: skip
def test_other_rules_may_let_someone_overtake(rule: dict[str, int]) -> None:
    assert overtaking(**rule) == []


def test_who_waits_for_ever_or_gives_up_is_overtaken_too() -> None:
    for first in (task(0, 1.0, NAN, NAN, c.PENDING), task(0, 1.0, NAN, 4.5, c.COLD)):
        tasks = [first, task(1, 2.0, 4.0, 5.0, c.ADVANCED)]
        assert checks.no_overtaking(plan(), ledger(leads=[{}] * 2, tasks=tasks)) != []


def test_open_deals_may_go_before_first_contacts_unless_it_is_one_line() -> None:
    """A task of a later stage in the same pool joins at 2 and starts before the first contact that joined at 1."""
    tasks = [task(0, 1.0, 5.0, 6.0, c.ADVANCED), task(1, 2.0, 4.0, 5.0, c.ADVANCED, stage=1, rep=1)]
    book = ledger(leads=[{}] * 2, tasks=tasks)

    assert checks.no_overtaking(plan(), book) == []
    in_turn = plan(phases=(phase(pools=(rules(open_deals=m.IN_TURN), rules())),))
    assert checks.no_overtaking(in_turn, book) != []


def test_a_task_that_moved_here_waits_from_the_move_on() -> None:
    """Queued at 1 elsewhere, moved here at 10, started at 12: two hours in this queue."""
    moved = task(0, 1.0, 12.0, 13.0, c.ADVANCED, entered=10.0, kind=c.FIRST_CONTACT)
    queues = [{"pool": SDR, "queue_hours": 2.0, "joined": 1, "started": 1, "left": 0}]

    assert checks.waited(plan(), ledger(leads=[{}], tasks=[moved]), SDR).tolist() == [2.0]
    assert checks.little(plan(), ledger(leads=[{}], tasks=[moved], queues=queues)) == []


def test_reps_of_the_run_in_are_on_the_headcount() -> None:
    book = ledger(leads=[{"created": RUN_IN}], tasks=[task(0, RUN_IN, RUN_IN, RUN_IN + 1, c.ADVANCED)])

    assert checks.hands(plan(), book) == []
