"""What is said of each event of a lead's life, with the reason for it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simfunnel.calendars import working_between
from simfunnel.ledger import columns as c
from simfunnel.plan import Plan
from simfunnel.plan.model import BATCH, INSTANT, NO_POOL, TO_NURTURE, Phase
from simfunnel.report import words as w
from simfunnel.streams import LUCK, QUALITY, SCORE, uniform

EXITS = {
    c.TO_NURTURE: "not now, back to nurture",
    c.POSTPONED: "postponed, asleep for a time",
    c.NOT_ADVANCED: "lost",
}
LEFT_QUEUE = {c.COLD: "gives up waiting: went cold", c.BALKED_TASK: "meets a full queue and leaves"}


def _against(score: float, threshold: float) -> str:
    """A score beside the threshold, with as many decimals as show which one is higher."""
    if not math.isfinite(threshold):
        return f"score {score:.1f}"
    digits = next((n for n in (1, 2, 3, 4) if round(score, n) != round(threshold, n)), 5)
    return f"score {score:.{digits}f}, threshold {threshold:.{digits}f}"


class Teller:
    """Knows the plan and the lead; each method puts one row of the ledger into a sentence."""

    def __init__(
        self, plan: Plan, seed: int, replication: int, lead: dict[str, float], passes: Sequence[dict[str, float]]
    ) -> None:
        self.plan = plan
        self.lead = lead
        self.passes = {int(row["pass"]): row for row in passes}
        self.channel = int(lead["channel"])
        self._key = (seed, replication, int(lead["id"]))

    def phase(self, at: float) -> Phase:
        """The rules in force at an hour."""
        return self.plan.phases[max(0, self.plan.phase_at(at))]

    def born(self, qualified: bool) -> str:
        """Where the lead comes from and what its score is."""
        origin = self.plan.channels[self.channel]
        if self.lead["campaign"] >= 0:
            origin += f", campaign {self.plan.campaigns[int(self.lead['campaign'])]}"
        if qualified:
            return f"a new lead from {origin}"
        phase = self.phase(self.lead["created"])
        threshold = phase.threshold[self.channel]
        score = self._first_score(phase)
        gap = threshold - score
        if score >= threshold:
            return f"a lead from {origin}, at work already when the simulation starts"
        near = gap <= phase.near_miss and phase.near_miss > 0
        goes = phase.near_miss_to if near else phase.below_to
        kind = f"a near miss by {gap:.1f}" if near else f"{gap:.1f} below"
        then = "into nurture" if goes == TO_NURTURE and phase.nurtures else "disqualified"
        return f"a new lead from {origin}; {_against(score, threshold)}: {kind}, {then}"

    def _first_score(self, phase: Phase) -> float:
        from simfunnel.distributions.quantiles import ndtri

        quality = phase.quality_mean[self.channel] + ndtri(uniform(*self._key, QUALITY, 0, 0))
        noise = ndtri(uniform(*self._key, SCORE, 0, 0))
        r = phase.r_score
        standard = r * quality + math.sqrt(1 - r * r) * noise
        return float(phase.score_mean + phase.score_per_unit * standard + phase.score_bias[self.channel])

    def qualified(self, row: dict[str, float]) -> str:
        """A pass starts: the score against the threshold, and how the lead is handed over."""
        phase = self.phase(row["started"])
        threshold = phase.threshold[self.channel]
        again = f" (pass {row['pass']:.0f})" if row["pass"] > 1 else ""
        way = phase.handoff[self.channel].way
        how = {INSTANT: "handed over at once", BATCH: "goes with the next batch"}.get(way, "on its way to sales")
        return f"{_against(row['score'], threshold)}: an MQL{again}, {how}"

    def handed_off(self, row: dict[str, float]) -> str:
        """The lead reaches its first queue."""
        took = row["handed_off_at"] - row["started"]
        home = self.phase(row["handed_off_at"]).home_pool[self.channel, 0]
        where = f"in {self.plan.pools[home]}'s queue" if home != NO_POOL else "at the first stage, which needs no rep"
        return f"arrives {where}" + (f", {w.hours(took)} after the MQL" if took > 0 else "")

    def never_arrived(self, row: dict[str, float]) -> str:
        """The hand-off lost the lead, or took longer than the lead would wait."""
        if row["left_to"] == c.P_LEAKED:
            return "lost in the hand-off: nobody is told of it"
        return "gives up waiting before sales is told: went cold"

    def started(self, row: dict[str, float]) -> str:
        """Somebody takes the task: who, after which wait, and what comes of it at once."""
        name = self.plan.stages[int(row["stage"])]
        who = self._who(row)
        wait = self._wait(row)
        if row["kind"] == c.NO_SHOW:
            return f"{name}: {who}{wait}; nobody turns up"
        what = "first contact" if row["kind"] == c.FIRST_CONTACT else "work begins"
        return f"{name}: {who}{wait}; {what}"

    def _who(self, row: dict[str, float]) -> str:
        pool = int(row["pool"])
        if pool == NO_POOL:
            return "no rep needed"
        rep = f" {row['rep']:.0f}" if row["rep"] >= 0 else ""
        return f"{self.plan.pools[pool]}{rep}"

    def _wait(self, row: dict[str, float]) -> str:
        pool, queued, started = int(row["pool"]), row["queued"], row["started"]
        if pool == NO_POOL or math.isnan(queued) or not started > queued:
            return ""
        opens, closes = self.plan.calendars[self.phase(started).pools[pool].calendar]
        working = float(working_between(opens, closes, queued, started))
        return f" after {w.hours(started - queued)} in the queue ({w.hours(working, working=True)} of them open)"

    def ended(self, row: dict[str, float], count: int) -> str:
        """The task's end: the decision, and the odds and the luck behind it; `count`: of the tasks at this stage."""
        name = self.plan.stages[int(row["stage"])]
        work = f"{w.hours(row['effort'], working=True)} of work" if row["effort"] > 0 else "no work"
        decision = int(row["decision"])
        if decision == c.NOBODY_THERE:
            return f"{name}: {work} lost, a new date is set"
        if decision == c.REJECTED_CONTACT:
            return f"{name}: {work}; rejected by sales, {self._judgement(row)}"
        if decision == c.LEAKED_TASK:
            return f"{name}: lost in the hand-off between teams"
        first = row["kind"] == c.FIRST_CONTACT and self.phase(row["started"]).accepts
        accepted = f"accepted by sales, {self._judgement(row)}; " if first else ""
        result = "advances" if decision == c.ADVANCED else EXITS.get(decision, c.DECISIONS[decision])
        return f"{name}: {work}; {accepted}{self._odds(row, count)}: {result}"

    def _judgement(self, row: dict[str, float]) -> str:
        seen = self.passes[int(row["pass"])]["assessment"]
        return f"judged {seen:+.2f}, the bar is {self.phase(row['started']).cut:+.2f}"

    def _odds(self, row: dict[str, float], count: int) -> str:
        stage = int(row["stage"])
        intercept = self.phase(row["started"]).stages[stage].intercept
        if math.isinf(intercept):
            return "everyone goes on" if intercept > 0 else "nobody goes on"
        chance = 1 / (1 + math.exp(-(intercept + row["x"])))
        luck = uniform(*self._key, LUCK, self.plan.stage_hash[stage], count)
        return f"chance {100 * chance:.1f}%, draw {100 * luck:.1f}%"

    def left_the_queue(self, row: dict[str, float]) -> str:
        """The lead left without being contacted."""
        pool = int(row["pool"])
        where = f" ({self.plan.pools[pool]})" if pool != NO_POOL else ""
        return LEFT_QUEUE.get(int(row["decision"]), c.DECISIONS[int(row["decision"])]) + where

    def into_nurture(self, row: dict[str, float]) -> str:
        """Why the lead enters nurture."""
        return f"into nurture, stay {row['entry']:.0f}: {c.REASONS[int(row['reason'])]}"

    def out_of_nurture(self, row: dict[str, float]) -> str:
        """How a stay in nurture ended."""
        ends = {
            c.OPT_OUT: "opts out",
            c.NEW_PASS: "scored again: qualifies",
            c.AGAIN: "scored again: a near miss",
            c.CLOSED: "scored again: not enough",
        }
        return f"out of nurture: {ends.get(int(row['end']), c.ENTRY_ENDS[int(row['end'])])}"

    def closed(self) -> str:
        """How the story ends, or that it has not ended yet."""
        outcome = int(self.lead["outcome"])
        if outcome in (c.OPEN, c.IN_NURTURE):
            return f"the period ends; the lead is {'in nurture' if outcome == c.IN_NURTURE else 'still open'}"
        if outcome == c.WON:
            return f"won: {w.money(self.lead['value'], self.plan.currency)}"
        return f"closed: {c.OUTCOMES[outcome]}"
