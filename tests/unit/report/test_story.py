from __future__ import annotations

import re
from pathlib import Path

import pytest

from simfunnel.engine import simulate
from simfunnel.ledger import Ledger
from simfunnel.ledger.columns import OUTCOMES
from simfunnel.plan import Plan, compile_plan, static_calibration
from simfunnel.report.story import UnknownLeadError, find_lead, lead_id, lead_name, story, story_screen
from simfunnel.scenario import load

EVERYTHING = """\
title: All that can happen to a lead
period: {start: 2027-01-04, weeks: 6, run_in: 2 weeks}
channels:
  web/de:
    leads: 30 / week
    deal_value: 7k
    patience: {median: 2 days}
    campaigns: {spring: {from: 2027-01-11, to: 2027-01-12, leads: 10, cost: 1k}}
  fair: {lists: {every: 10 days, size: 12}, deal_value: 9k}
qualification: {threshold: 55, near_miss: 6}
acceptance: {rate: 60%, rejected_to: nurture}
handoff: {default: {delay: {median: 3 hours, p90: 1 day}, leak: 10%}, fair: {batch: "Mon 09:00"}}
pools:
  SDR: {stages: [discovery], reps: 1, selling_time: 40%, queue_limit: 6}
stages:
  - {name: discovery, conversion: 60%, no_show: 20%, otherwise: {nurture: 40%, lost: 60%}}
  - {name: demo, conversion: 60%, wait: 1 day, otherwise: {postponed: 50%, lost: 50%}, postponed_for: 3 days}
  - {name: proposal, conversion: 70%, wait: 1 day}
nurture: {delay: {median: 4 days}, score_lift: {mean: 10, sd: 10}, cycles: 2, opt_out: 20%}
"""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Ledger]:
    folder = tmp_path_factory.mktemp("story")
    (folder / "all.yaml").write_text(EVERYTHING)
    scenario = load(folder / "all.yaml")
    plan = compile_plan(scenario, static_calibration(scenario))
    return plan, simulate(plan, 1, 0)


def test_every_lead_has_a_story_in_order_that_ends_as_the_ledger_says(lived: tuple[Plan, Ledger]) -> None:
    plan, ledger = lived
    endings = {"open": "still open", "in nurture": "in nurture", "won": "won: $"}

    for row, code in enumerate(ledger.leads["outcome"].tolist()):
        told = story(plan, ledger, row, 1, 0)
        assert [moment.at for moment in told.moments] == sorted(moment.at for moment in told.moments)
        assert endings.get(OUTCOMES[code], OUTCOMES[code]) in told.moments[-1].text
        assert told.moments[0].text.startswith(("a new lead", "a lead"))


def test_this_year_has_every_kind_of_ending(lived: tuple[Plan, Ledger]) -> None:
    seen = {OUTCOMES[code] for code in lived[1].leads["outcome"].tolist()}

    assert seen >= {"won", "lost", "rejected", "went cold", "leaked", "disqualified", "opted out"}


def test_a_task_advances_exactly_when_its_draw_lies_below_its_chance(lived: tuple[Plan, Ledger]) -> None:
    plan, ledger = lived
    told = 0

    for row in range(len(ledger.leads["id"])):
        for moment in story(plan, ledger, row, 1, 0).moments:
            found = re.search(r"chance ([\d.]+)%, draw ([\d.]+)%: (.*)", moment.text)
            if found and abs(float(found[1]) - float(found[2])) > 0.1:
                assert (float(found[2]) < float(found[1])) == (found[3] == "advances")
                told += 1
    assert told > 100


def test_the_score_is_set_against_the_threshold(lived: tuple[Plan, Ledger]) -> None:
    plan, ledger = lived

    for row in range(len(ledger.leads["id"])):
        for moment in story(plan, ledger, row, 1, 0).moments:
            if found := re.search(r"score ([\d.-]+), threshold 55.0+: (an MQL|a near miss|.* below)", moment.text):
                gap = float(found[1]) - 55
                assert (found[2] == "an MQL") == (gap >= 0)
                if found[2] != "an MQL":
                    assert (found[2] == "a near miss") == (gap > -6) or abs(gap + 6) < 0.06


def test_every_lead_is_found_by_its_name_its_number_and_its_id(lived: tuple[Plan, Ledger]) -> None:
    plan, ledger = lived
    names = [lead_name(plan, ledger, row) for row in range(len(ledger.leads["id"]))]

    assert len(set(names)) == len(names)
    assert {name.rsplit("/", 3)[0] for name in names if "2027-01-1" in name} >= {"web/de", "web/de/spring"}
    assert any(name.startswith("fair/list/0/") for name in names)
    for row, name in enumerate(names):
        identity = int(ledger.leads["id"][row])
        assert lead_id(plan, name) == identity
        assert find_lead(plan, ledger, name) == find_lead(plan, ledger, str(identity)) == row
    assert find_lead(plan, ledger, "1") == 0


@pytest.mark.parametrize("name", ["nobody", "web/de/2027-13-40/1/1", "web/de/2027-01-04/x/1", "fair/list/0", "0", ""])
def test_a_name_of_no_lead_is_answered_with_leads_that_there_are(lived: tuple[Plan, Ledger], name: str) -> None:
    with pytest.raises(UnknownLeadError, match=r"e\.g\. .*\(won\)"):
        find_lead(*lived, name)


def test_the_screen_of_a_story_is_as_narrow_as_asked(lived: tuple[Plan, Ledger]) -> None:
    plan, ledger = lived
    longest = max(range(len(ledger.leads["id"])), key=lambda row: len(story(plan, ledger, row, 1, 0).moments))

    page = story_screen(story(plan, ledger, longest, 1, 0), width=70)

    assert max(map(len, page.splitlines())) <= 70
    assert Path(lead_name(plan, ledger, longest)).name in page
