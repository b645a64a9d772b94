"""The leads' view: which of the same leads changed outcome, and by which first event of their lives."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from simfunnel.distributions import constant
from simfunnel.ledger import Ledger
from simfunnel.ledger import columns as c
from simfunnel.metrics import CAUSES, PairChanges, add_changes, pair_changes
from simfunnel.metrics.pairs import CHANGES, GAINED_A_WIN, LOST_A_WIN, OTHER_CHANGE
from simfunnel.plan import model as m
from simfunnel.plan.model import Plan
from tests.unit.metrics.factory import AE, NONE, SDR, Row, ledger, phase, plan, rules

NAN = math.nan


def a_pass(**changes: object) -> Row:
    """A pass from hour 1, handed off at 2, contacted at 3."""
    usual = {"started": 1.0, "handed_off_at": 2.0, "first_response_at": 3.0, "accepted": 1, "pool": SDR, "rep": 0}
    return {"lead": 0, "left_to": c.P_WON, "left_at": 9.0, **usual, **changes}


def call(**changes: object) -> Row:
    """The first contact: queued at 2, from 3 to 4."""
    return {"lead": 0, "pool": SDR, "rep": 0, "kind": c.FIRST_CONTACT, **_times(2.0, 3.0, 4.0), **changes}


def offer(**changes: object) -> Row:
    """The second task: queued at 6, from 8 to 9."""
    return {"lead": 0, "stage": 1, "pool": AE, "rep": 0, **_times(6.0, 8.0, 9.0), "entered": 4.0, **changes}


def _times(queued: float, started: float, ended: float) -> Row:
    times = {"entered": queued, "queued": queued, "started": started, "ended": ended}
    return {**times, "effort": 1.0, "x": 0.5, "decision": c.ADVANCED}


def life(outcome: int, passes: list[Row], tasks: list[Row], entries: list[Row] | None = None) -> Ledger:
    """A ledger with one lead."""
    lead = {"outcome": outcome, "closed_at": NAN if outcome == c.OPEN else 9.0}
    return ledger(leads=[lead], passes=passes, tasks=tasks, entries=entries or [])


WON = life(c.WON, [a_pass()], [call(), offer()])


def cause(other: Ledger, base: Ledger = WON, plans: tuple[Plan, Plan] | None = None) -> str:
    """The one kind of cause that is counted."""
    return way(other, base, plans).removesuffix(" up").removesuffix(" down")


def way(other: Ledger, base: Ledger = WON, plans: tuple[Plan, Plan] | None = None) -> str:
    """The one cause that is counted, with its way."""
    one, two = plans or (plan(), plan())
    found = pair_changes(one, base, two, other)
    names = [name for change in range(len(CHANGES)) for name, count in found.by_cause(change).items() if count]
    assert len(names) == 1, names
    return names[0]


def both_ways(other: Ledger, base: Ledger = WON, plans: tuple[Plan, Plan] | None = None) -> tuple[str, str]:
    """The cause of the change from the base to the other life, and of the change back."""
    one, two = plans or (plan(), plan())
    return way(other, base, (one, two)), way(base, other, (two, one))


def test_the_same_lives_show_no_change() -> None:
    found = pair_changes(plan(), WON, plan(), WON)

    assert found == PairChanges(1, ((0,) * len(CAUSES),) * len(CHANGES), 0, 0, 0, 0)


def test_a_lead_that_is_no_mql_any_more_lost_its_win_by_score() -> None:
    assert cause(life(c.DISQUALIFIED, [], [])) == "score"


def test_a_lead_that_now_waits_in_nurture_first_still_changed_by_score() -> None:
    stay = [{"lead": 0, "entered": 1.0, "left_at": 5.0, "end": c.NEW_PASS}]
    late = life(c.LOST, [a_pass(started=5.0, handed_off_at=6.0, first_response_at=NAN)], [], stay)

    assert cause(late) == "score"


def test_a_hand_off_that_leaks_or_comes_later_is_the_hand_off() -> None:
    leaked = a_pass(handed_off_at=NAN, first_response_at=NAN, left_to=c.P_LEAKED, left_at=1.0)
    late = a_pass(handed_off_at=5.0, first_response_at=6.0)

    assert both_ways(life(c.LEAKED, [leaked], [])) == ("leak up", "leak down")
    slow = life(c.LOST, [late], [call(**_times(5.0, 6.0, 7.0))])
    assert both_ways(slow) == ("hand-off down", "hand-off up")


def test_a_lead_that_goes_cold_on_a_slower_way_changed_by_hand_off() -> None:
    """In the base it was handed off at 2; now it gives up at 3, before the hand-off."""
    cold = a_pass(handed_off_at=NAN, first_response_at=NAN, left_to=c.P_COLD, left_at=3.0)

    assert cause(life(c.WENT_COLD, [cold], [])) == "hand-off"


def test_a_lead_that_gives_up_sooner_than_the_hand_off_comes_changed_by_its_patience() -> None:
    cold = a_pass(handed_off_at=NAN, first_response_at=NAN, left_to=c.P_COLD, left_at=1.5)

    assert both_ways(life(c.WENT_COLD, [cold], [])) == ("patience down", "patience up")


def in_line(decision: int, until: float) -> Ledger:
    """A life that ends in the line."""
    left = call(started=NAN, ended=until, decision=decision, x=NAN, rep=-1)
    return life(c.WENT_COLD, [a_pass(first_response_at=NAN)], [left])


def test_a_lead_that_gives_up_after_it_would_have_been_answered_changed_by_waiting() -> None:
    assert both_ways(in_line(c.COLD, 5.0)) == ("wait down", "wait up")


def test_a_lead_that_gives_up_while_it_still_waited_in_the_other_life_changed_by_its_patience() -> None:
    assert both_ways(in_line(c.COLD, 2.5)) == ("patience down", "patience up")


def test_a_lead_that_meets_a_full_queue_changed_by_its_limit() -> None:
    assert both_ways(in_line(c.BALKED_TASK, 2.0)) == ("queue limit down", "queue limit up")


def test_a_later_start_is_a_wait_though_the_odds_change_with_it() -> None:
    late = call(started=4.0, ended=5.0, x=0.1, decision=c.NOT_ADVANCED)

    assert both_ways(life(c.LOST, [a_pass(first_response_at=4.0)], [late])) == ("wait down", "wait up")


def test_another_acceptance_of_the_same_contact_is_acceptance() -> None:
    rejected = call(decision=c.REJECTED_CONTACT, x=NAN, effort=0.5, ended=3.5)

    assert both_ways(life(c.REJECTED, [a_pass(accepted=0)], [rejected])) == ("acceptance down", "acceptance up")


LOST_AT_THE_CALL = life(c.LOST, [a_pass()], [call(x=0.2, decision=c.NOT_ADVANCED)])


def with_rules(**changes: object) -> Plan:
    """A plan whose first pool has other rules."""
    return plan(phases=(phase(pools=(rules(**changes), rules())),))


def test_other_odds_with_a_rep_of_another_team_are_the_rep() -> None:
    """In a dedicated team the rep of the lead's own channel has better odds."""
    own = {"own_log_odds": np.array([0.3, 0.3]), "team_of": np.array([0, 1])}
    teams = with_rules(structure=m.DEDICATED, **own)

    assert way(WON, LOST_AT_THE_CALL, (plan(), teams)) == "rep up"
    assert way(LOST_AT_THE_CALL, WON, (teams, plan())) == "rep down"


def test_what_a_team_s_own_reps_gain_is_told_where_that_was_changed() -> None:
    team = {"structure": m.DEDICATED, "team_of": np.array([0, 1])}
    less = with_rules(own_log_odds=np.array([0.1, 0.1]), **team)
    more = with_rules(own_log_odds=np.array([0.4, 0.4]), **team)

    assert both_ways(LOST_AT_THE_CALL, plans=(more, less)) == ("specialised down", "specialised up")


def test_skills_that_were_changed_are_skills_and_no_other_rep() -> None:
    worse = with_rules(skill_log_odds=np.array([-0.3, 0.0]))

    assert both_ways(LOST_AT_THE_CALL, plans=(plan(), worse)) == ("skills down", "skills up")


def test_a_slower_rep_by_skill_is_skills_too() -> None:
    slower = with_rules(skill_time=np.array([2.0, 1.0]))
    tasks = [call(ended=5.0, effort=2.0), offer(entered=5.0, decision=c.NOT_ADVANCED)]

    assert both_ways(life(c.LOST, [a_pass()], tasks), plans=(plan(), slower)) == ("skills down", "skills up")


def busy(*others: tuple[float, float], **mine: object) -> Ledger:
    """The lead's call beside calls of other leads, open in the pool over some hours."""
    crowd = [{"lead": 1 + k, **_times(entered, entered, ended)} for k, (entered, ended) in enumerate(others)]
    leads = [{"outcome": c.WON if mine.get("decision", c.ADVANCED) == c.ADVANCED else c.LOST, "closed_at": 9.0}]
    leads += [{"id": 10 + k, "outcome": c.LOST, "closed_at": 9.0} for k in range(len(others))]
    tasks = [call(**mine), *({"pool": SDR, "rep": 1, "kind": c.WORK, **other} for other in crowd)]
    return ledger(leads=leads, passes=[a_pass()], tasks=tasks, entries=[])


@pytest.mark.parametrize("odds", [(1.0, 0.5), (0.5, 1.0)], ids=["load costs", "idleness costs"])
def test_the_load_goes_the_way_in_which_open_leads_went_whatever_it_does(odds: tuple[float, float]) -> None:
    load = m.Load(1.0, np.array([1.0, 9.0]), np.array(odds), NONE, NONE)
    loaded = with_rules(load=load)
    full, empty = [(1.0, 8.0)] * 6, [(1.0, 2.5)] * 6
    lost = {"x": 0.2, "decision": c.NOT_ADVANCED}

    assert way(busy(*full, **lost), busy(*empty), (loaded, loaded)) == "load up"
    assert way(busy(*empty, **lost), busy(*full), (loaded, loaded)) == "load down"


def test_a_deal_counts_for_the_rep_who_owns_it_from_its_first_task_on_not_while_it_waits_for_one() -> None:
    """Six deals wait from 1 on, in both lives; in the first a rep starts them at 2, in the second at 4."""
    load = m.Load(1.0, np.array([1.0, 9.0]), np.array([1.0, 0.5]), NONE, NONE)
    owned = with_rules(load=load, ownership=m.OWNED_BY_REP)

    def beside(started: float, **mine: object) -> Ledger:
        waited = {"entered": 1.0, "queued": 1.0, "started": started, "ended": 8.0}
        others = [{**call(), **waited, "lead": 1 + k} for k in range(6)]
        leads = [{"outcome": c.WON if mine.get("decision", c.ADVANCED) == c.ADVANCED else c.LOST, "closed_at": 9.0}]
        leads += [{"id": 10 + k, "outcome": c.LOST, "closed_at": 9.0} for k in range(6)]
        return ledger(leads=leads, passes=[a_pass()], tasks=[call(**mine), *others], entries=[])

    full, empty = beside(2.0, x=0.2, decision=c.NOT_ADVANCED), beside(4.0)

    assert both_ways(full, empty, (owned, owned)) == ("load up", "load down")


def test_another_effect_of_the_same_load_is_the_table() -> None:
    mild, hard = (
        with_rules(load=m.Load(strength, np.array([1.0, 9.0]), np.array([1.0, 0.5]), NONE, NONE))
        for strength in (0.5, 1.0)
    )

    assert both_ways(LOST_AT_THE_CALL, plans=(mild, hard)) == ("load table down", "load table up")


def test_another_effect_of_the_same_answer_is_the_response_table() -> None:
    speed = m.Speed(1.0, np.array([0.0, 2.0]), np.array([1.0, 0.5]))
    fast = plan(phases=(phase(speed=(speed, speed)),))

    assert both_ways(LOST_AT_THE_CALL, plans=(plan(), fast)) == ("response table down", "response table up")


def test_a_lead_of_another_quality_is_told_as_such() -> None:
    stage = dataclasses.replace(phase().stages[0], log_quality_odds=0.6)
    usual, worse = (
        plan(phases=(phase(stages=(stage, stage), quality_mean=np.array([mean, 0.0])),)) for mean in (0.0, -0.5)
    )

    assert both_ways(LOST_AT_THE_CALL, plans=(usual, worse)) == ("quality down", "quality up")
    assert both_ways(life(c.DISQUALIFIED, [], []), plans=(usual, worse)) == ("quality down", "quality up")


def test_a_stage_whose_rate_was_changed_has_other_odds() -> None:
    stage = dataclasses.replace(phase().stages[0], intercept=-1.0)
    worse = plan(phases=(phase(stages=(stage, stage)),))
    other = life(c.LOST, [a_pass()], [call(decision=c.NOT_ADVANCED)])

    assert both_ways(other, plans=(plan(), worse)) == ("odds down", "odds up")


def test_other_work_per_task_is_told_apart_from_the_time_that_it_takes() -> None:
    stage = dataclasses.replace(phase().stages[0], effort=constant(2.0))
    more = plan(phases=(phase(stages=(stage, stage)),))
    slow = [call(ended=5.0, effort=2.0), offer(entered=5.0, decision=c.NOT_ADVANCED)]
    late = [call(ended=5.0), offer(entered=5.0, decision=c.NOT_ADVANCED)]

    assert both_ways(life(c.LOST, [a_pass()], slow), plans=(plan(), more)) == ("effort down", "effort up")
    assert both_ways(life(c.LOST, [a_pass()], late)) == ("work down", "work up")


def test_a_customer_who_does_not_come_and_a_deal_that_leaves_otherwise_have_their_own_names() -> None:
    nobody = life(c.LOST, [a_pass()], [call(kind=c.NO_SHOW, decision=c.NOBODY_THERE, x=NAN)])
    lost, nurtured = (life(o, [a_pass()], [call(decision=d)]) for o, d in ((c.LOST, 4), (c.IN_NURTURE, 2)))

    assert both_ways(nobody) == ("no-show down", "no-show up")
    assert both_ways(lost, nurtured) == ("way out down", "way out up")


def test_another_rep_of_the_same_skill_is_no_difference() -> None:
    other = life(c.LOST, [a_pass()], [call(rep=1), offer(rep=0, decision=c.NOT_ADVANCED)])

    assert cause(other) == "odds"


def test_another_decision_at_the_same_odds_is_a_matter_of_odds() -> None:
    assert cause(life(c.LOST, [a_pass()], [call(decision=c.NOT_ADVANCED)])) == "odds"


def test_longer_work_on_the_same_task_is_the_work() -> None:
    other = life(c.LOST, [a_pass()], [call(ended=5.0, effort=2.0), offer(entered=5.0, decision=c.NOT_ADVANCED)])

    assert cause(other) == "work"


def test_a_hand_off_between_stages_that_comes_later_or_leaks_is_the_hand_off() -> None:
    later = offer(queued=7.0, decision=c.NOT_ADVANCED)
    leaks = offer(queued=NAN, started=NAN, ended=4.0, decision=c.LEAKED_TASK, x=NAN, effort=0.0)

    assert cause(life(c.LOST, [a_pass()], [call(), later])) == "hand-off"
    assert both_ways(life(c.LEAKED, [a_pass()], [call(), leaks])) == ("leak up", "leak down")


def test_a_longer_wait_of_the_customer_within_a_pool_is_the_customer_s() -> None:
    one_pool = WON.tasks | {"pool": np.zeros(2, np.int16)}
    base = Ledger(**{**WON.__dict__, "tasks": one_pool})
    other = life(c.LOST, [a_pass()], [call(), offer(queued=7.0, pool=SDR, decision=c.NOT_ADVANCED)])

    assert both_ways(other, base) == ("customer down", "customer up")


def test_a_later_task_that_a_rep_takes_later_is_follow_up() -> None:
    late = life(c.LOST, [a_pass()], [call(), offer(started=9.0, ended=10.0, decision=c.NOT_ADVANCED)])

    assert both_ways(late) == ("follow-up down", "follow-up up")


def test_another_time_is_no_cause_where_another_judgement_parts_the_lives() -> None:
    """With more leads accepted each is answered later; who wins for it does so since sales accepts."""
    late = [call(started=3.5, ended=3.9, decision=c.REJECTED_CONTACT, x=NAN, effort=0.4)]
    rejected = life(c.REJECTED, [a_pass(first_response_at=3.5, accepted=0)], late)

    assert both_ways(rejected) == ("acceptance down", "acceptance up")


def test_another_time_is_no_cause_where_skills_part_the_lives() -> None:
    worse = with_rules(skill_log_odds=np.array([-0.3, 0.0]))
    late = call(started=3.5, ended=4.5, x=0.2, decision=c.NOT_ADVANCED)

    assert both_ways(life(c.LOST, [a_pass(first_response_at=3.5)], [late]), plans=(plan(), worse)) == (
        "skills down",
        "skills up",
    )


def test_a_later_answer_stays_the_cause_where_it_is_what_lowers_the_odds() -> None:
    speed = m.Speed(1.0, np.array([0.0, 4.0]), np.array([1.0, 0.5]))
    slow = plan(phases=(phase(speed=(speed, speed)),))
    late = call(started=5.0, ended=6.0, x=-0.1, decision=c.NOT_ADVANCED)

    assert both_ways(life(c.LOST, [a_pass(first_response_at=5.0)], [late]), plans=(slow, slow)) == (
        "wait down",
        "wait up",
    )


def test_what_differs_first_decides_not_what_differs_most() -> None:
    """The second task waits longer and then fails; but the first already took longer to come by."""
    tasks = [call(started=3.5, ended=4.5), offer(decision=c.NOT_ADVANCED)]

    assert cause(life(c.LOST, [a_pass(first_response_at=3.5)], tasks)) == "wait"


def stays(left_at: float, end: int, outcome: int, *passes: Row) -> Ledger:
    stay = [{"lead": 0, "entered": 0.5, "left_at": left_at, "end": end}]
    return life(outcome, list(passes), [call()] if passes else [], stay)


def test_a_stay_in_nurture_of_another_length_is_nurture() -> None:
    base = stays(1.0, c.NEW_PASS, c.WON, a_pass())

    later = stays(3.0, c.NEW_PASS, c.OPEN, a_pass(started=3.0, handed_off_at=3.0))

    assert both_ways(later, base) == ("nurture down", "nurture up")
    assert both_ways(stays(1.0, c.OPT_OUT, c.OPTED_OUT), base) == ("nurture down", "nurture up")


def test_a_stay_that_no_longer_ends_in_a_pass_is_the_score() -> None:
    base = stays(1.0, c.NEW_PASS, c.WON, a_pass())

    assert cause(stays(1.0, c.CLOSED, c.DISQUALIFIED), base) == "score"


def test_a_lead_that_is_nurtured_in_one_plan_only_is_nurture() -> None:
    assert both_ways(stays(NAN, c.STILL_IN, c.IN_NURTURE), life(c.DISQUALIFIED, [], [])) == (
        "nurture up",
        "nurture down",
    )


def test_a_lead_that_is_rejected_at_another_time_and_dropped_changed_by_nurture() -> None:
    """Both are rejected, the second later; only the first is nurtured."""
    early = call(decision=c.REJECTED_CONTACT, x=NAN, effort=0.5, ended=3.5)
    late = early | {"started": 3.2, "ended": 3.7}
    stay = [{"lead": 0, "entered": 3.5, "left_at": NAN, "end": c.STILL_IN, "reason": c.AFTER_REJECTION}]
    nurtured = life(c.IN_NURTURE, [a_pass(accepted=0, left_to=c.P_NURTURE, left_at=3.5)], [early], stay)
    dropped = [a_pass(accepted=0, first_response_at=3.2, left_to=c.P_REJECTED, left_at=3.7)]

    assert both_ways(life(c.REJECTED, dropped, [late]), nurtured) == ("nurture down", "nurture up")


STRICTER = plan(phases=(phase(threshold=np.array([65.0, 65.0])),))
MISSED = [{"lead": 0, "entered": 1.0, "left_at": NAN, "end": c.STILL_IN, "reason": c.NEAR_MISS}]


def test_a_lead_that_another_threshold_makes_a_near_miss_changed_by_score_whichever_way_it_was_before() -> None:
    near = life(c.IN_NURTURE, [], [], MISSED)

    assert both_ways(near, life(c.DISQUALIFIED, [], []), (STRICTER, plan())) == ("score up", "score down")
    assert both_ways(near, WON, (plan(), STRICTER)) == ("score down", "score up")


def test_a_stay_that_closes_for_another_reason_under_another_threshold_is_the_score() -> None:
    base, other = stays(1.0, c.CLOSED, c.DISQUALIFIED), stays(1.0, c.CLOSED, c.REJECTED)

    assert way(other, base, (plan(), STRICTER)) == "score down"
    assert way(other, base, (STRICTER, plan())) == "score up"


def test_an_outcome_that_changes_without_any_event_is_other() -> None:
    assert cause(life(c.LOST, [a_pass()], [call(), offer()])) == "other"


def closed(*leads: tuple[int, int]) -> Ledger:
    """Leads as (id, outcome), without any history."""
    return ledger(leads=[{"id": key, "outcome": outcome, "closed_at": 1.0} for key, outcome in leads])


def test_leads_are_matched_by_id_and_new_or_gone_ones_counted_apart() -> None:
    base = closed((7, c.WON), (3, c.WON), (5, c.LOST))
    other = closed((3, c.LOST), (9, c.WON), (5, c.WON))

    found = pair_changes(plan(), base, plan(), other)

    assert (found.same_leads, found.gone, found.gone_wins, found.new, found.new_wins) == (2, 1, 1, 1, 1)
    assert [found.changed(change) for change in (LOST_A_WIN, GAINED_A_WIN, OTHER_CHANGE)] == [1, 1, 0]


def test_a_change_between_two_losses_is_another_change() -> None:
    base = life(c.LOST, [a_pass()], [call(decision=c.NOT_ADVANCED)])

    found = pair_changes(plan(), base, plan(), life(c.DISQUALIFIED, [], []))

    assert found.by_kind(OTHER_CHANGE)["score"] == 1


def test_wins_and_losses_explain_the_difference_in_wins() -> None:
    base = closed(*((k, c.WON if k % 2 else c.LOST) for k in range(1, 9)))
    other = closed(*((k, c.WON if k % 3 else c.LOST) for k in range(3, 13)))

    found = pair_changes(plan(), base, plan(), other)

    before, after = (int((book.leads["outcome"] == c.WON).sum()) for book in (base, other))
    kept = before - found.gone_wins - found.changed(LOST_A_WIN)
    assert after == kept + found.changed(GAINED_A_WIN) + found.new_wins


def test_leads_that_closed_before_the_period_in_both_plans_are_left_out() -> None:
    def early(outcome: int) -> Ledger:
        return ledger(leads=[{"outcome": outcome, "closed_at": -5.0, "created": -9.0}])

    assert pair_changes(plan(), early(c.WON), plan(), early(c.LOST)).same_leads == 0


def test_a_win_that_comes_before_the_period_is_lost_to_it() -> None:
    base = ledger(leads=[{"outcome": c.WON, "closed_at": 5.0, "created": -9.0}])
    other = ledger(leads=[{"outcome": c.WON, "closed_at": -1.0, "created": -9.0}])

    assert pair_changes(plan(), base, plan(), other).changed(LOST_A_WIN) == 1


def test_changes_add_up_over_replications() -> None:
    one = pair_changes(plan(), WON, plan(), life(c.DISQUALIFIED, [], []))

    total = add_changes([one, one])

    assert total.same_leads == 2
    assert total.by_kind(LOST_A_WIN)["score"] == 2
    assert add_changes([]) == PairChanges(0, ((0,) * len(CAUSES),) * len(CHANGES), 0, 0, 0, 0)
