"""The same lead meets the same luck under every plan."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.ledger.columns import WENT_COLD
from tests.properties.funnels import BUSY, changed, lived, plan_of, rows_of, same_bytes, won_value

WHO = ("created", "value", "channel")


def test_raising_one_channel_keeps_the_leads_of_the_other() -> None:
    base, more = lived(plan_of(BUSY)), lived(plan_of(changed(BUSY, channels__chat__leads="45 / week")))

    assert rows_of(base, 1, WHO) == rows_of(more, 1, WHO)


def test_a_raised_channel_keeps_its_leads_and_adds_new_ones() -> None:
    base, more = lived(plan_of(BUSY)), lived(plan_of(changed(BUSY, channels__chat__leads="45 / week")))

    before, after = rows_of(base, 0, WHO), rows_of(more, 0, WHO)

    assert before.items() <= after.items()
    assert len(after) > 1.3 * len(before)


def test_with_reps_to_spare_the_other_channels_leads_live_the_same_lives() -> None:
    roomy = changed(BUSY, pools__SDR__reps="unlimited", pools__AE={"stages": ["close"], "reps": "unlimited"})
    life = ("created", "outcome", "closed_at", "passes", "entries", "effort", "wasted")
    fewer = {**roomy, "what_ifs": {"fewer chats": {"channels.chat.leads": "10 / week"}}}

    base, other = lived(plan_of(fewer)), lived(plan_of(fewer, ["fewer chats"]))

    web = 1
    assert str(rows_of(base, web, life)) == str(rows_of(other, web, life))  # as text, so that nan equals nan


def test_a_longer_period_only_adds_to_a_shorter_one() -> None:
    short, long = lived(plan_of(BUSY)), lived(plan_of(changed(BUSY, period__weeks=12)))

    shared = rows_of(short, 1, WHO)

    assert shared == {k: v for k, v in rows_of(long, 1, WHO).items() if k in shared}


def test_a_shorter_run_in_keeps_the_leads_of_the_period() -> None:
    full, none = lived(plan_of(BUSY)), lived(plan_of(changed(BUSY, period__run_in="0 weeks")))

    assert rows_of(none, 1, WHO).items() <= rows_of(full, 1, WHO).items()


def test_another_seed_and_another_replication_are_other_leads() -> None:
    plan = plan_of(BUSY)

    first = lived(plan, replication=0)

    assert not same_bytes(first, lived(plan, replication=1))
    assert not same_bytes(first, lived(plan, replication=0, seed=2))


def test_a_what_if_that_changes_nothing_changes_no_number() -> None:
    same = {**BUSY, "what_ifs": {"as today": {"qualification.threshold": 50, "pools.SDR.reps": 3}}}

    assert same_bytes(lived(plan_of(same)), lived(plan_of(same, ["as today"])))


def test_before_the_switch_both_plans_live_the_same_days() -> None:
    typed = {**BUSY, "what_ifs": {"stricter": {"from": "2027-02-01", "qualification.threshold": 60}}}
    plan = plan_of(typed, ["stricter"])
    base, other = lived(plan_of(typed)), lived(plan)
    switch = float(plan.switches_h[1])

    before = [ledger.tasks["ended"][ledger.tasks["ended"] < switch] for ledger in (base, other)]

    assert np.array_equal(np.sort(before[0]), np.sort(before[1]))
    assert base.passes["started"].size != other.passes["started"].size


def test_pairing_cuts_the_variance_of_a_small_threshold_step_more_than_five_times() -> None:
    # Two points of threshold; 40 replications. Independent luck for the second plan is another seed.
    typed = {**BUSY, "what_ifs": {"stricter": {"qualification.threshold": 52}}}
    base, stricter = plan_of(typed), plan_of(typed, ["stricter"])
    today = np.array([won_value(lived(base, r)) for r in range(40)])
    paired = np.array([won_value(lived(stricter, r)) for r in range(40)])
    independent = np.array([won_value(lived(stricter, r, seed=99)) for r in range(40)])

    ratio = np.var(independent - today, ddof=1) / np.var(paired - today, ddof=1)

    assert ratio > 5.0


@pytest.mark.parametrize("reps", [1, 2, 4])
def test_more_reps_let_no_more_leads_go_cold_on_average(reps: int) -> None:
    few, more = (plan_of(changed(BUSY, pools__SDR__reps=n)) for n in (reps, reps + 1))

    cold = [[np.count_nonzero(lived(p, r).leads["outcome"] == WENT_COLD) for r in range(6)] for p in (few, more)]

    assert np.mean(cold[1]) <= np.mean(cold[0])
