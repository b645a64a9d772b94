"""What plans' numbers show to be odd: who cannot keep up and when, what piles up, who goes cold, who does not ramp."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel import study
from simfunnel.errors import ScenarioError
from simfunnel.metrics import Key
from simfunnel.scenario import Scenario, load, parse, phases_with
from simfunnel.scenario.change.levers import pools_with_added_reps, ramp_notes
from simfunnel.study.run.odd import odd_plans, too_busy
from simfunnel.study.years.samples import Samples

TEXT = """
period: {start: 2027-01-01, months: 12}
calendar: {days: Mon-Fri, hours: "09:00-17:00"}
channels: {web: {leads: 20 / week, deal_value: 1000, day_to_day_swing: 0, patience: none}}
qualification: {mql_rate: 100%}
handoff: {default: {instant: true}}
pools: {AE: {stages: [call], reps: 5, selling_time: 100%}}
stages: [{name: call, conversion: 50%, effort: 5 hours}]
"""


def told(*sets: str, text: str = TEXT) -> list[str]:
    return [str(problem) for problem in odd_plans(parse(text, sets=sets))]


def test_a_team_that_keeps_up_is_not_odd() -> None:
    assert told() == []


def test_a_team_with_slack_as_simulated_is_not_said_to_fall_behind() -> None:
    """SDRs of b2b are 89% busy in the simulation; some of their leads go cold, at peaks and while they are closed."""
    assert [str(each) for each in odd_plans(load("scenarios/b2b.yaml"), [])] == []


def test_heads_that_come_with_the_period_leave_the_run_ins_leads_waiting() -> None:
    (before,) = told("pools.AE.reps=0", "pools.AE.hires=[{on: 2027-01-01, reps: 5}]")

    assert "lets a queue pile up before the period: from 2026-01-02 AE has work and nobody to do it" in before
    assert "by 2026-12-31 1,040 leads wait, 26 weeks of its work" in before


def test_with_an_empty_run_in_nothing_piles_up() -> None:
    assert told("pools.AE.reps=0", "pools.AE.hires=[{on: 2027-01-01, reps: 5}]", "period.run_in=0 days") == []


def test_a_leaver_in_the_run_in_and_a_late_backfill_are_told_with_their_dates() -> None:
    hires = "[{on: 2026-07-01, reps: -4}, {on: 2027-03-01, reps: 4}]"
    before, *_ = told(f"pools.AE.hires={hires}")

    assert "lets a queue pile up before the period: from 2026-07-0" in before
    assert "of the work that its 1 head can do, so that by 2026-12-31" in before


def test_a_season_that_a_team_cannot_bear_is_told_with_its_months_and_its_queue() -> None:
    (peak,) = told("channels.web.season={jan: 50%, feb: 50%, may: 400%, jun: 400%, jul: 50%, aug: 50%, sep: 50%}")

    assert "falls behind from 2027-04-30 to 2027-0" in peak
    assert "of the work that its 5 heads can do" in peak


def test_a_what_if_is_told_at_its_own_line_with_its_name_where_today_keeps_up() -> None:
    text = TEXT + "what_ifs:\n  fewer: {pools.AE.reps: 2}\n  late: {from: 2027-07-01, pools.AE.reps: 1}\n"
    fewer, late = told(text=text)

    assert fewer.startswith("scenario:10:")
    assert 'what_ifs.fewer."pools.AE.reps": cannot keep up' in fewer
    assert late.startswith("scenario:11:")
    assert "from 2027-07-01 on" in late
    assert "its queue grows by about 52 leads a month" in late


TEAMS = """
period: {start: 2027-01-01, months: 12}
channels:
  web: {leads: 60 / week, deal_value: 1000, day_to_day_swing: 0, patience: none}
  chat: {leads: 5 / week, deal_value: 1000, day_to_day_swing: 0, patience: none}
qualification: {mql_rate: 100%}
handoff: {default: {instant: true}}
pools: {SDR: {stages: [call], reps: 4, selling_time: 100%, teams: {web: 1, chat: 3}}}
stages: [{name: call, conversion: 50%, effort: 1 hour}]
what_ifs: {teams: {pools.SDR.structure: dedicated}}
"""


@pytest.mark.parametrize("way", ["structure=dedicated", "structure=hybrid;overflow={after: never}"])
def test_a_channels_team_that_cannot_keep_up_is_told_where_its_pool_as_a_whole_could(way: str) -> None:
    """60 hours of web a week for one rep of 40 hours; 5 of chat for three."""
    before, within = told(*(f"pools.SDR.{each}" for each in way.split(";")), text=TEAMS.split("what_ifs")[0])

    assert "lets a queue pile up in the team for web before the period" in before
    assert "the team for web gets 150% of the work that its 1 head can do" in within
    assert "its queue grows by about 87 leads a month" in within  # 20 a week


def test_teams_that_a_what_if_makes_are_judged_at_its_line_and_only_from_its_day() -> None:
    (odd,) = told(text=TEAMS.replace("{pools.SDR.str", "{from: 2027-07-01, pools.SDR.str"))

    assert "what_ifs.teams" in odd
    assert "cannot keep up in the team for web and falls behind from 2027-07-01 on" in odd
    assert "the team for web gets 149% of the work that its 1 head can do" in odd


def test_teams_that_help_each_other_are_judged_together() -> None:
    sets = ("pools.SDR.structure=hybrid", "pools.SDR.overflow={after: 2 working hours}")

    assert told(*sets, text=TEAMS.split("what_ifs")[0]) == []


def test_a_team_is_said_to_fall_behind_from_the_day_on_which_it_does() -> None:
    (odd,) = told("pools.AE.hires=[{on: 2027-06-04, reps: -4}]")

    assert "falls behind from 2027-06-04 on: AE gets 25" in odd  # 100 hours a week for a rep of 40
    assert "of the work that its 1 head can do" in odd


def test_a_team_overloaded_today_is_simulated_and_marked_by_so_many_a_month() -> None:
    scenario = parse(TEXT, sets=["pools.AE.reps=2", "period.run_in=4 weeks"])

    result = study.run(scenario, replications=2, seed=3)

    assert result.estimate("wins") is not None
    (line,) = [each for each in result.warnings if "cannot keep up" in each]
    assert "grows by about 17 leads a month" in line
    assert any("AE is 100% busy" in each or "AE is 99% busy" in each for each in result.warnings)
    assert result.warnings[-1] in result.as_dict()["warnings"]


def test_leads_that_give_up_are_told_instead_of_a_queue() -> None:
    line = told("pools.AE.reps=1", "channels.web.patience={mean: 2 days}", "period.run_in=4 weeks")[0]

    assert "leads a month go cold before it gets to them" in line
    assert "heads keep up" in line


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (("handoff={default: {delay: {median: 3 hours, p90: 1 day}}}", "channels.web.patience={mean: 5 minutes}"),
         "the hand-off (median 3 hours, p90 1 day) and closed hours take longer than they wait; 7"),
        (("handoff={default: {batch: Mon 09:00}}", "channels.web.patience={mean: 1 day}"), "the hand-off (in batches)"),
        (("channels.web.patience={mean: 1 hour}",), "closed hours take longer than they wait"),
    ],
)  # fmt: skip
def test_leads_that_cannot_be_called_in_time_are_told_by_what_keeps_them(sets: tuple[str, ...], said: str) -> None:
    (line,) = [each for each in told(*sets) if "before anybody could call them" in each]

    assert "channels.web: loses " in line
    assert said in line


def test_the_share_that_cannot_be_called_in_time_is_that_of_the_simulation() -> None:
    text = TEXT.replace("instant: true", "delay: {mean: 3 hours}")
    sets = ["channels.web.patience={mean: 4 hours}", "pools.AE.reps=unlimited", "channels.web.hours_of_week=flat"]
    scenario = parse(text.replace(", selling_time: 100%", ""), sets=sets)
    (line,) = [str(each) for each in odd_plans(scenario)]
    share = float(line.split("loses ")[1].split("%")[0]) / 100

    result = study.run(scenario, replications=20)

    cold, mqls = result.estimate("went_cold"), result.estimate("mqls")
    assert cold is not None
    assert mqls is not None
    assert cold.mean / mqls.mean == pytest.approx(share, abs=0.02)


def test_a_team_above_95_percent_or_nearly_so_with_a_growing_queue_is_told() -> None:
    months = [Key("open_leads", pool="AE", month=at) for at in range(3)]
    keys = (Key("busy_share", pool="AE"), *months)

    def busy(share: float, *leads: float) -> list[str]:
        row = np.array([[share, *leads]])
        return too_busy(["today"], {"today": Samples(keys, row, np.ones_like(row))}, ["AE"])

    assert busy(0.8, 10, 30, 40) == []
    assert busy(0.93, 10, 11, 12) == []
    assert "AE is 98% busy: a team without slack" in busy(0.98, 10, 10, 10)[0]
    assert "grow from 10 in the first month to 30" in busy(0.93, 10, 30, 40)[0]


def test_added_reps_of_a_pool_with_ramps_are_said_to_be_settled() -> None:
    scenario: Scenario = parse(TEXT, sets=["pools.AE.hires=[{on: 2027-03-01, reps: 1, ramp: 6 months}]"])

    def notes(reps: str) -> list[str]:
        return ramp_notes(scenario, pools_with_added_reps(phases_with(scenario, {"pools.AE.reps": reps})))

    said = "AE: added reps count as fully productive from the first day; a hire ramps 6 months"
    assert notes("2 more") == [said]
    assert notes("4") == []
    assert ramp_notes(parse(TEXT), ["AE"]) == []


def test_who_leaves_is_told_by_name_and_date_where_others_stay_who_are_not_like_them() -> None:
    hires = "[{on: 2027-03-01, reps: 1, ramp: 6 months}, {on: 2027-04-01, reps: -1}]"
    (line,) = [each.rule for each in parse(TEXT, sets=[f"pools.AE.hires={hires}"]).warnings if "leaves" in each.rule]

    assert "on 2027-04-01 rep 6 (hired on 2027-03-01, 17% through a ramp of 6 months) leaves" in line
    assert "who was hired last leaves first; the 5 hired before stay, and the ramp costs nothing from then on" in line
    alike = parse(TEXT, sets=["pools.AE.hires=[{on: 2027-04-01, reps: -1}]"])
    assert not any("leaves" in each.rule for each in alike.warnings)


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        (0.6, "lets 99.3% of all leads qualify"),  # a score of 0 to 1, beside the assumed mean of 50
        (110, "lets only 0.13% of all leads qualify"),
    ],
)
def test_a_threshold_on_another_scale_than_the_score_is_told(threshold: float, said: str) -> None:
    (odd,) = told(f"qualification={{threshold: {threshold}}}")

    assert said in odd
    assert "scores have a mean of 50 and a standard deviation of 20" in odd


@pytest.mark.parametrize(("revenue", "said"), [("60M", "'60,000,000', is 115 times"), ("500", "'500', is 0.096% of")])
def test_a_target_in_another_size_than_the_typed_deals_is_told(revenue: str, said: str) -> None:
    """20 leads a week, half of whom win, at 1,000: 521,429 in 365 days."""
    (odd,) = told(f"target={{revenue: {revenue}}}")

    assert f"target.revenue: {said} what the typed leads" in odd
    assert "about 520,000 USD" in odd
    assert told("target={revenue: 50M}") == []  # below a hundred times: a large ambition


def test_what_a_what_if_makes_impossible_is_told_at_its_line_with_its_name() -> None:
    text = TEXT + "what_ifs:\n  split: {pools.AE.structure: dedicated, pools.AE.reps: 1}\n"
    text = text.replace("channels: {", "channels: {chat: {leads: 20 / week, deal_value: 1000}, ")

    with pytest.raises(ScenarioError, match=r"scenario:10:.*what_ifs.split"):
        odd_plans(parse(text))
