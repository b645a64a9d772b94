"""Which typed rates stand before a metric: by how much it moves, in per cent, when they are off by one per cent.

Pilots find the constants behind typed rates up to a small error, which a figure of the base shares as far as its
leads passed them. What stands before the leads that a metric counts is enough: queues and returns answer to it weakly.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

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
    """The stages whose rates stand before a number; `first`: the first stage that each pool serves.

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
