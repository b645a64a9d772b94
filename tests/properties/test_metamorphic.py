"""What must not change a number, and what must change it in a known way, on funnels that Hypothesis draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simfunnel.ledger import Ledger
from tests.properties.funnels import BUSY, Typed, changed, lived, plan_of, same_bytes, won_value

few = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

SMALL: Typed = changed(BUSY, period={"start": "2027-01-04", "weeks": 4, "run_in": "3 weeks"})


@st.composite
def funnels(draw: st.DrawFn) -> Typed:
    """A small funnel with some of every kind of pool rule, way and effect."""
    typed = changed(SMALL)
    sdr: dict[str, Any] = typed["pools"]["SDR"]
    sdr["reps"] = draw(st.integers(2, 5))
    sdr["structure"] = draw(st.sampled_from(["pooled", "dedicated", "hybrid"]))
    sdr["routing"] = draw(st.sampled_from(["shared queue", "round robin", "random"]))
    sdr["discipline"] = draw(st.sampled_from(["fifo", "newest first", "highest score first"]))
    sdr["ownership"] = draw(st.sampled_from(["pool", "rep"]))
    if sdr["structure"] == "hybrid":
        sdr["overflow"] = {"after": draw(st.sampled_from(["1 working hour", "3 hours"]))}
    if draw(st.booleans()):
        sdr["queue_limit"] = draw(st.integers(0, 4))
    if draw(st.booleans()):
        typed["handoff"]["chat"] = draw(st.sampled_from([{"instant": True}, {"batch": "Mon,Thu 09:00"}]))
    if draw(st.booleans()):
        typed["speed_to_lead"] = {"default": {"strength": 0.5, "odds": {"0 hours": 1.0, "24 hours": 0.3}}}
    if draw(st.booleans()):
        typed["pools"]["AE"]["load"] = {"strength": 1, "odds": {2: 1.0, 20: 0.6}, "effort": {2: 1.0, 20: 1.2}}
    if draw(st.booleans()):
        typed["pools"]["AE"]["hires"] = [
            {"on": "2027-01-11", "reps": 1, "ramp": "10 days", "start_at": "30%"},
            {"on": "2027-01-20", "reps": -1},
        ]
    typed["qualification"]["threshold"] = draw(st.integers(35, 65))
    return typed


@few
@given(funnels())
def test_every_funnel_conserves_leads_and_keeps_littles_identity(typed: Typed) -> None:
    ledger = lived(plan_of(typed))  # `lived` runs the checks

    assert ledger.leads["id"].size > 0


@few
@given(funnels())
def test_the_order_of_channels_and_pools_in_the_file_changes_no_byte(typed: Typed) -> None:
    turned = dict(typed)
    for section in ("channels", "pools"):
        turned[section] = dict(reversed(list(typed[section].items())))

    assert same_bytes(lived(plan_of(typed)), lived(plan_of(turned)))


@few
@given(funnels())
def test_an_unused_channel_a_target_and_an_sla_change_no_lead(typed: Typed) -> None:
    more = changed(typed, target={"revenue": "1M", "confidence": "80%"}, sla={"sales": {"acceptance": "at least 60%"}})
    more["channels"] = {**typed["channels"], "zz unused": {"leads": "0 / week", "deal_value": "1k"}}
    if typed["pools"]["SDR"]["structure"] != "pooled":
        more = {**more, "channels": typed["channels"]}  # a team of its own would take a head

    a, b = lived(plan_of(typed)), lived(plan_of(more))

    assert _lives(a) == _lives(b)


@few
@given(funnels(), st.sampled_from([2, 4, 8]))
def test_deals_of_twice_the_value_bring_exactly_twice_the_revenue(typed: Typed, factor: int) -> None:
    once, more = changed(typed), changed(typed)
    for name in typed["channels"]:
        once["channels"][name]["deal_value"] = {"prices": {"3k": "60%", "20k": "40%"}}
        more["channels"][name]["deal_value"] = {"prices": {f"{3 * factor}k": "60%", f"{20 * factor}k": "40%"}}

    assert won_value(lived(plan_of(more))) == factor * won_value(lived(plan_of(once)))


@few
@given(funnels())
def test_hours_written_as_minutes_change_no_byte(typed: Typed) -> None:
    minutes = changed(typed)
    minutes["stages"][0]["effort"] = {"mean": "60 minutes", "cv": 0.8}
    minutes["stages"][1]["wait"] = {"median": "120 hours"}
    minutes["nurture"]["delay"] = {"median": "240 hours"}

    assert same_bytes(lived(plan_of(typed)), lived(plan_of(minutes)))


def test_renamed_channels_have_other_leads_but_the_same_means() -> None:
    # 30 replications; the means of two independent sets of leads, within 4 standard errors of their difference
    renamed = changed(SMALL)
    renamed["channels"] = {f"our {name}": channel for name, channel in SMALL["channels"].items()}
    plans = [plan_of(typed) for typed in (SMALL, renamed)]

    counts = np.array([[lived(plan, r).passes["lead"].size for r in range(30)] for plan in plans], dtype=float)

    difference = counts[0] - counts[1]
    assert np.any(difference != 0.0)
    assert abs(difference.mean()) <= 4.0 * difference.std(ddof=1) / np.sqrt(30)


def test_a_threshold_below_every_score_is_no_threshold() -> None:
    low = lived(plan_of(changed(SMALL, qualification={"threshold": -100_000})))
    everybody = lived(plan_of(changed(SMALL, qualification={"mql_rate": "100%"})))

    assert np.array_equal(low.leads["outcome"], everybody.leads["outcome"])
    assert low.passes["lead"].size == low.leads["id"].size + np.count_nonzero(low.passes["pass"] > 1)


def test_a_funnel_without_leads_runs_and_says_nothing_happened() -> None:
    none = changed(SMALL)
    for channel in none["channels"].values():
        channel["leads"] = "0 / week"

    ledger = lived(plan_of(none))

    assert ledger.leads["id"].size == 0
    assert ledger.tasks["lead"].size == 0


def test_without_reps_everybody_waits_or_goes_cold() -> None:
    gone = {"stages": ["call"], "reps": 1, "hires": [{"on": "2026-12-15", "reps": -1}]}  # a day into the run-in
    ledger = lived(plan_of(changed(SMALL, pools__SDR=gone)))

    assert not np.any(ledger.tasks["started"] > 24.0 - 21 * 24.0)
    assert not np.any(ledger.leads["outcome"] == 1)
    assert np.any(ledger.leads["outcome"] == 4)


def test_endless_patience_lets_nobody_go_cold() -> None:
    patient = changed(SMALL, channels__web__patience="none", channels__chat__patience="none")
    patient["nurture"]["patience"] = "none"

    assert not np.any(lived(plan_of(patient)).leads["outcome"] == 4)


def _lives(ledger: Ledger) -> list[tuple[object, ...]]:
    names = ("id", "created", "outcome", "closed_at", "value", "passes", "entries", "effort", "wasted")
    return [tuple(map(str, row)) for row in zip(*(ledger.leads[name].tolist() for name in names), strict=True)]
