"""The table of metrics: every metric with its unit, its splits and its words, before any is measured."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from simfunnel.metrics.keys import Key


class Before(Enum):
    """The rates that stand before what a metric counts."""

    NONE = "none"
    ACCEPTANCE = "acceptance"  # and nothing else
    REJECTION = "the share that is not accepted"
    FIRST_STAGE = "acceptance and the first stage"
    EARLIER = "acceptance and the stages before this one"
    THROUGH = "acceptance and the stages up to this one"
    OWN = "this stage alone"
    ALL = "acceptance and every stage"
    WORK = "acceptance and the stages before those that the pool serves"
    SPARE = "what the hours of work leave"
    COSTS = "as commission"
    PROFIT = "as revenue without commission"
    COST_PER_WIN = "as wins, less commission"


_NAMES: Mapping[Before, str] = {
    Before.NONE: """
        leads mqls recycled_mqls mql_rate contacts reached_share went_cold balked leaked lost disqualified near_misses
        opted_out response_mean response_median response_p90 response_working_mean response_working_median
        response_working_p90 answered_in_5_minutes answered_in_1_hour answered_in_1_day reps rep_hours
        new_leads_per_rep_day lead_cost campaign_cost rep_cost nurture_cost nurture_pipeline leads_open leads_in_nurture
        deal_size time_to_win_mean time_to_win_median band_mqls
        verdict_leads target_reached sla_kept sla_value sla_months_kept sla_months_judged
        sla_breaches_volume sla_breaches_capacity sla_breaches_calendar sla_breaches_mix""",
    Before.ACCEPTANCE: "sals acceptance_rate band_acceptance",
    Before.REJECTION: "rejected wasted_hours wasted_share wasted_cost",
    Before.FIRST_STAGE: "opportunities opportunities_per_rep_hour",
    Before.EARLIER: "decisions open_deals open_pipeline",
    Before.THROUGH: "advances",
    Before.OWN: "conversion cohort_conversion cohort_open",
    Before.ALL: """
        wins revenue win_rate win_rate_of_mqls leaked_value revenue_per_rep_hour commission_cost precision
        band_win_share verdict_win_share""",
    Before.WORK: "work_hours busy_share open_leads open_leads_per_rep",
    Before.SPARE: "idle_hours",
    Before.COSTS: "cost",
    Before.PROFIT: "profit roi",
    Before.COST_PER_WIN: "cost_per_win",
}

BEFORE: Mapping[str, Before] = {name: before for before, names in _NAMES.items() for name in names.split()}
"""By metric. A chance (of the target, of a clause) is no multiple of a rate; the target's is averaged instead."""


def stages_before(before: Before, key: Key, stages: tuple[str, ...], first: Mapping[str, int]) -> range:
    """Return the stages whose rates stand before a number; `first`: the first stage that each pool serves.

    Leads at several stages at once (`key` names none) count as those at the last one.
    """
    at = stages.index(key.stage) if key.stage in stages else len(stages) - 1
    return {
        Before.FIRST_STAGE: range(min(1, len(stages))),
        Before.EARLIER: range(at),
        Before.THROUGH: range(at + 1),
        Before.OWN: range(at, at + 1),
        Before.ALL: range(len(stages)),
        Before.WORK: range(first.get(key.pool, 0)),
    }.get(before, range(0))


class Metric(NamedTuple):
    """One metric, defined once for code, screens and docs.

    `unit`: count, money, share, hours, leads, "money per hour". `better`: "higher", "lower", or "" when neither.
    `splits`: parts it is given by; "stage+month" is by both at once. `whole`: it also has one value for the plan.
    """

    name: str
    unit: str
    words: str
    better: str
    splits: tuple[str, ...]
    meaning: str
    whole: bool = True


WHO = ("month", "channel", "campaign")
WHERE = (*WHO, "pool", "rep")
STAGE = ("stage", "stage+month", "stage+channel")
TEAM = ("month", "pool", "pool+month", "rep")
CLAUSE = ("clause", "clause+month")

# fmt: off
_BY_CONCEPT: dict[str, tuple[Metric, ...]] = {
"revenue": (
    Metric("revenue", "money", "Revenue", "higher", WHERE,
           "Value of the deals won in the period, whenever their leads were made."),
    Metric("wins", "count", "Won", "higher", WHERE,
           "Deals won in the period, whenever their leads were made."),
    Metric("target_reached", "share", "Target reached", "higher", (),
           "Share of simulated periods with revenue at or above the target."),
    Metric("deal_size", "money", "Deal size", "higher", WHO,
           "Revenue per deal won."),
    Metric("win_rate", "share", "Win rate of leads", "higher", WHO,
           "Wins of the period per lead created in the period."),
    Metric("win_rate_of_mqls", "share", "Win rate of MQLs", "higher", WHO,
           "Wins of the period per MQL of the period, recycled MQLs included."),
    Metric("time_to_win_mean", "hours", "Lead to win, mean", "lower", ("channel",),
           "Mean elapsed time from a lead's creation to its win; deals won in the period, opening pipeline left out."),
    Metric("time_to_win_median", "hours", "Lead to win, median", "lower", ("channel",),
           "Half of the deals won in the period, opening pipeline left out, took at most this elapsed time."),
),
"funnel": (
    Metric("leads", "count", "Leads", "", WHO,
           "Leads created in the period."),
    Metric("mqls", "count", "MQLs", "", (*WHO, "pass"),
           "Passes started in the period: scorings that qualify, at creation or after nurture."),
    Metric("recycled_mqls", "count", "Recycled MQLs", "", WHO,
           "Of the MQLs, those that qualified after nurture."),
    Metric("mql_rate", "share", "MQL rate", "", WHO,
           "Share of the period's leads that qualify at creation."),
    Metric("contacts", "count", "Reached", "higher", WHERE,
           "First contacts in the period, all passes."),
    Metric("reached_share", "share", "Reached, of MQLs", "higher", WHO,
           "First contacts per MQL of the period, all passes."),
    Metric("sals", "count", "Accepted (SAL)", "", WHERE,
           "First contacts in the period that sales accepted."),
    Metric("acceptance_rate", "share", "Acceptance rate", "", WHERE,
           "Accepted share of the period's first contacts, all passes."),
    Metric("rejected", "count", "Rejected by sales", "lower", WHERE,
           "First contacts in the period that sales rejected."),
    Metric("opportunities", "count", "Opportunities", "higher", WHERE,
           "Advances from the first stage dated in the period."),
),
"stages": (
    Metric("advances", "count", "Advances", "higher", STAGE,
           "Decisions to advance dated in the period.", False),
    Metric("decisions", "count", "Decisions", "", STAGE,
           "Tasks dated in the period that ended in a decision: advance, nurture, postponed or lost.", False),
    Metric("conversion", "share", "Conversion", "higher", STAGE,
           "Advances per decision in the period; every return counts again.", False),
),
"cohorts": (
    Metric("cohort_conversion", "share", "Conversion of the cohort", "higher", ("stage",),
           "Of the leads that first entered the stage in the period, the share that ever advanced by its end.", False),
    Metric("cohort_open", "share", "Cohort still open", "", ("stage",),
           "Of the leads that first entered the stage in the period, the share that has not advanced but may "
           "still.", False),
),
"losses": (
    Metric("went_cold", "count", "Went cold", "lower", (*WHO, "pool"),
           "Passes in the period whose lead gave up before its first contact."),
    Metric("balked", "count", "Balked", "lower", (*WHO, "pool"),
           "Passes in the period that met a full queue and left."),
    Metric("leaked", "count", "Lost in the hand-off", "lower", WHO,
           "Passes in the period that a hand-off lost."),
    Metric("leaked_value", "money", "Revenue lost in the hand-off", "lower", (),
           "Deal value of the leads lost in the hand-off, times the plan's wins per MQL that was not."),
    Metric("lost", "count", "Lost", "lower", WHO,
           "Leads closed in the period as lost."),
    Metric("disqualified", "count", "Disqualified", "", WHO,
           "Leads closed in the period because their score stayed too low."),
    Metric("near_misses", "count", "Near misses", "", WHO,
           "Scorings in the period a little below the threshold that led into nurture, at creation or later."),
    Metric("opted_out", "count", "Opted out", "lower", WHO,
           "Leads that left nurture for good in the period."),
),
"response": (
    Metric("response_mean", "hours", "First reply, mean", "lower", WHERE,
           "Mean elapsed time from a pass's start to its first contact; first passes contacted in the period."),
    Metric("response_median", "hours", "First reply, median", "lower", (*WHO, "pool"),
           "Half of the first contacts of first passes came within this elapsed time."),
    Metric("response_p90", "hours", "First reply, 90% within", "lower", (*WHO, "pool"),
           "Nine in ten first contacts of first passes came within this elapsed time."),
),
"response in working hours": (
    Metric("response_working_mean", "hours", "First reply, mean, working hours", "lower", WHERE,
           "As the mean first reply, in working hours of the pool."),
    Metric("response_working_median", "hours", "First reply, median, working hours", "lower", (*WHO, "pool"),
           "As the median first reply, in working hours of the pool."),
    Metric("response_working_p90", "hours", "First reply, 90% within, working hours", "lower", (*WHO, "pool"),
           "As the 90% first reply, in working hours of the pool."),
),
"answers in time": (
    Metric("answered_in_5_minutes", "share", "Answered in 5 minutes", "higher", (*WHO, "pool"),
           "Share of the period's first-pass MQLs contacted within 5 minutes; never contacted counts as a miss."),
    Metric("answered_in_1_hour", "share", "Answered in 1 hour", "higher", (*WHO, "pool"),
           "Share of the period's first-pass MQLs contacted within 1 hour; never contacted counts as a miss."),
    Metric("answered_in_1_day", "share", "Answered in 1 day", "higher", (*WHO, "pool"),
           "Share of the period's first-pass MQLs contacted within 24 hours; never contacted counts as a miss."),
),
"team": (
    Metric("reps", "count", "Reps", "", ("month", "pool", "pool+month"),
           "Reps on the headcount, mean over the period's calendar days."),
    Metric("rep_hours", "hours", "Staffed hours", "", TEAM,
           "Open hours of the reps on the headcount."),
    Metric("busy_share", "share", "Busy", "", TEAM,
           "Share of the staffed hours with a task in hand."),
    Metric("idle_hours", "hours", "Idle hours", "", TEAM,
           "Staffed hours without a task in hand."),
    Metric("open_leads", "leads", "Open leads", "", ("month", "pool", "pool+month"),
           "Leads open in the pool's stages, waiting for the customer included, asleep excluded; mean over time."),
    Metric("open_leads_per_rep", "leads", "Open leads per rep", "", TEAM,
           "Open leads over reps on the headcount, means over time."),
),
"rep hours": (
    Metric("new_leads_per_rep_day", "leads", "New leads per rep and day", "", TEAM,
           "Passes that the pool's reps work on for the first time, per rep and working day."),
    Metric("revenue_per_rep_hour", "money per hour", "Revenue per rep hour", "higher", ("month", "pool"),
           "Revenue per staffed hour; of a pool: revenue of the deals that it worked on, per staffed hour of its"
           " reps."),
    Metric("opportunities_per_rep_hour", "count per hour", "Opportunities per rep hour", "higher", ("month", "pool"),
           "Opportunities per staffed hour; of a pool: those it made, per staffed hour of its reps."),
),
"work": (
    Metric("work_hours", "hours", "Work", "", WHERE,
           "Hours of work on tasks that ended in the period."),
    Metric("wasted_hours", "hours", "Wasted", "lower", WHERE,
           "Hours of work on first contacts that sales rejected."),
    Metric("wasted_share", "share", "Wasted share of work", "lower", WHERE,
           "Wasted hours over all hours of work ended in the period."),
),
"money": (
    Metric("wasted_cost", "money", "Cost of wasted work", "lower", ("pool",),
           "What each pool's reps cost times the wasted share of its work."),
    Metric("cost", "money", "Cost", "lower", WHO,
           "Leads, campaigns, reps, commission and nurture; by channel, a pool's reps are shared by hours of "
           "work."),
    Metric("lead_cost", "money", "Cost of leads", "lower", WHO,
           "Leads created in the period at their channel's cost per lead; campaigns' leads excepted."),
    Metric("campaign_cost", "money", "Cost of campaigns", "lower", WHO,
           "Campaigns whose first day is in the period, booked on that day."),
    Metric("rep_cost", "money", "Cost of reps", "lower", TEAM,
           "Calendar days on the headcount in the period at the pool's cost per rep."),
    Metric("commission_cost", "money", "Commission", "lower", (*WHO, "pool"),
           "Share of the revenue paid in the pool that won the deal."),
    Metric("nurture_cost", "money", "Cost of nurture", "lower", WHO,
           "Stays in nurture begun in the period at their cost."),
    Metric("profit", "money", "Profit", "higher", WHO,
           "Revenue minus cost."),
    Metric("cost_per_win", "money", "Cost per win", "lower", WHO,
           "Cost of the period per deal won in the period."),
    Metric("roi", "share", "Return on cost", "higher", ("channel", "campaign"),
           "Profit per unit of cost."),
),
"pipeline": (
    Metric("open_pipeline", "money", "Pipeline open at the end", "", ("channel", "campaign", "stage"),
           "Deal value of the accepted leads still being worked at the period's end."),
    Metric("open_deals", "count", "Deals open at the end", "", ("channel", "campaign", "stage"),
           "Accepted leads still being worked at the period's end."),
    Metric("nurture_pipeline", "money", "Pipeline in nurture at the end", "", ("channel", "campaign"),
           "Deal value of the leads in nurture at the period's end that sales once accepted."),
    Metric("leads_open", "count", "Leads open at the end", "", ("channel", "campaign"),
           "Leads in a pass at the period's end, accepted or not."),
    Metric("leads_in_nurture", "count", "Leads in nurture at the end", "", ("channel", "campaign"),
           "Leads in nurture at the period's end."),
),
"score": (  # cohorts are judged when 90% closed
    Metric("precision", "share", "MQLs that win", "higher", ("month", "channel", "campaign"),
           "Share of first-pass MQLs that win in any pass; only months of which 90% have closed."),
    Metric("band_mqls", "count", "MQLs by score", "", ("band",),
           "First-pass MQLs by score, of the months of which 90% have closed.", False),
    Metric("band_acceptance", "share", "Acceptance by score", "higher", ("band",),
           "Accepted share of the first contacts of those first passes, by score.", False),
    Metric("band_win_share", "share", "Wins by score", "higher", ("band",),
           "Share of those first-pass MQLs that win in any pass, by score.", False),
),
"verdicts": (  # of the same months
    Metric("verdict_leads", "count", "Leads by verdict", "", ("verdict",),
           "Leads of the months of which 90% have closed, by marketing's verdict (passed at once, passed later, "
           "never) and sales'.", False),
    Metric("verdict_win_share", "share", "Wins by verdict", "higher", ("verdict",),
           "Share of those leads that win, by both verdicts.", False),
),
"agreement": (  # between marketing and sales; whole calendar months only
    Metric("sla_kept", "share", "SLA clause kept", "higher", CLAUSE,
           "Chance that the clause is kept, in the month or in every month that can be judged.", False),
    Metric("sla_value", "own", "SLA clause, value", "", CLAUSE,
           "What the clause promises, as it came out: a count, a share, or the metric in its own unit.", False),
    Metric("sla_months_kept", "count", "SLA kept, months", "higher", ("clause",),
           "Whole months in which every clause that can be judged is kept."),
    Metric("sla_months_judged", "count", "SLA judged, months", "", ("clause",),
           "Whole months in which at least one clause can be judged."),
    Metric("sla_breaches_volume", "count", "Breaches by volume", "lower", ("clause",),
           "Months in which the clause is broken mainly by the number of leads.", False),
    Metric("sla_breaches_capacity", "count", "Breaches by capacity", "lower", ("clause",),
           "Months in which the clause is broken mainly by too few reps.", False),
    Metric("sla_breaches_calendar", "count", "Breaches by calendar", "lower", ("clause",),
           "Months in which the clause is broken mainly by fewer open hours.", False),
    Metric("sla_breaches_mix", "count", "Breaches by mix", "lower", ("clause",),
           "Months in which the clause is broken mainly by the kind of leads.", False),
),
}
# fmt: on

TABLE: dict[str, Metric] = {row.name: row for rows in _BY_CONCEPT.values() for row in rows}
CONCEPTS: dict[str, str] = {row.name: concept for concept, rows in _BY_CONCEPT.items() for row in rows}
"""The concept that each metric belongs to: those of one concept are worked out together."""
