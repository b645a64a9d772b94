"""The story of one lead: its name, what happened to it, when and why, in words and on a screen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from simfunnel.calendars import working_between
from simfunnel.errors import SimfunnelError
from simfunnel.ledger import Ledger, Table
from simfunnel.ledger import columns as codes
from simfunnel.ledger.model import Columns
from simfunnel.plan import Plan
from simfunnel.plan.model import BATCH, CAMPAIGN, INSTANT, LIST, NO_POOL, OPENING, TO_NURTURE, Phase
from simfunnel.report import words
from simfunnel.report.terminal import Page
from simfunnel.streams import LUCK, QUALITY, SCORE, make_id, split_id, uniform

DAY_ZERO = date(1970, 1, 1)
ITEM_BITS = 24


def lead_name(plan: Plan, ledger: Ledger, row: int) -> str:
    """Name a lead: channel/date/layer/index, channel/campaign/date/layer/index, channel/list/number/item or
    channel/opening/stage/index.
    """
    identity = int(ledger.leads["id"][row])
    key, day, layer, index = split_id(identity)
    item = identity & ((1 << ITEM_BITS) - 1)
    for place, source in enumerate(plan.sources):
        if source.key == key:
            start = source_name(plan, place)
            if source.kind == OPENING:
                return f"{start}/{item}"
            if source.kind == LIST:
                return f"{start}/{day}/{item}"
            return f"{start}/{DAY_ZERO + timedelta(days=day)}/{layer}/{index}"
    return str(identity)


def lead_id(plan: Plan, name: str) -> int | None:
    """Return the identity of the lead with this readable id; None when no source of the plan could have made it."""
    for place, source in enumerate(plan.sources):
        start = source_name(plan, place) + "/"
        if name.startswith(start):
            parts = name.removeprefix(start).split("/")
            with suppress(ValueError, OverflowError):  # of a name that another source may have made
                if source.kind == OPENING:
                    (item,) = map(int, parts)
                    return make_id(source.key, 0, 0, 0) + item
                if source.kind == LIST:
                    number, item = map(int, parts)
                    return make_id(source.key, number, 0, 0) + item
                day, layer, index = parts
                return make_id(source.key, (date.fromisoformat(day) - DAY_ZERO).days, int(layer), int(index))
    return None


def source_name(plan: Plan, place: int) -> str:
    """Return how the ids of one source begin."""
    source = plan.sources[place]
    channel = plan.channels[source.channel]
    if source.kind == CAMPAIGN:
        return f"{channel}/{plan.campaigns[source.campaign]}"
    if source.kind == LIST:
        return f"{channel}/list"
    if source.kind == OPENING:
        stage = next(group.stage for group in plan.opening if group.source == place)
        return f"{channel}/opening/{plan.stages[stage]}"
    return channel


EXITS = {
    codes.TO_NURTURE: "not now, back to nurture",
    codes.POSTPONED: "postponed, asleep for a time",
    codes.NOT_ADVANCED: "lost",
    codes.NOBODY_THERE: "a new date is set",
}
LEFT_QUEUE = {codes.COLD: "gives up waiting: went cold", codes.BALKED_TASK: "meets a full queue and leaves"}


def _against(score: float, threshold: float) -> str:
    """Write a score beside the threshold, with as many decimals as show which one is higher."""
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
        """Return the rules in force at an hour."""
        return self.plan.phases[max(0, self.plan.phase_at(at))]

    def born(self, qualified: bool) -> str:
        """Say where the lead comes from and what its first score is."""
        from simfunnel.distributions.quantiles import ndtri

        origin = self.plan.channels[self.channel]
        if self.lead["campaign"] >= 0:
            origin += f", campaign {self.plan.campaigns[int(self.lead['campaign'])]}"
        if qualified:
            return f"a new lead from {origin}"
        phase = self.phase(self.lead["created"])
        threshold = phase.threshold[self.channel]
        quality = phase.quality_mean[self.channel] + ndtri(uniform(*self._key, QUALITY, 0, 0))
        noise = ndtri(uniform(*self._key, SCORE, 0, 0))
        standard = phase.r_score * quality + math.sqrt(1 - phase.r_score * phase.r_score) * noise
        score = float(phase.score_mean + phase.score_per_unit * standard + phase.score_bias[self.channel])
        gap = threshold - score
        if score >= threshold:
            return f"a lead from {origin}, at work already when the simulation starts"
        near = gap <= phase.near_miss and phase.near_miss > 0
        goes = phase.near_miss_to if near else phase.below_to
        kind = f"a near miss by {gap:.1f}" if near else f"{gap:.1f} below"
        then = "into nurture" if goes == TO_NURTURE and phase.nurtures else "disqualified"
        return f"a new lead from {origin}; {_against(score, threshold)}: {kind}, {then}"

    def qualified(self, row: dict[str, float]) -> str:
        """Say how a pass starts: the score against the threshold, and how the lead is handed over."""
        phase = self.phase(row["started"])
        threshold = phase.threshold[self.channel]
        again = f" (pass {row['pass']:.0f})" if row["pass"] > 1 else ""
        way = phase.handoff[self.channel].way
        how = {INSTANT: "handed over at once", BATCH: "goes with the next batch"}.get(way, "on its way to sales")
        return f"{_against(row['score'], threshold)}: an MQL{again}, {how}"

    def handed_off(self, row: dict[str, float]) -> str:
        """Say that the lead reaches its first queue."""
        took = row["handed_off_at"] - row["started"]
        home = self.phase(row["handed_off_at"]).home_pool[self.channel, 0]
        where = f"in {self.plan.pools[home]}'s queue" if home != NO_POOL else "at the first stage, which needs no rep"
        return f"arrives {where}" + (f", {words.hours(took)} after the MQL" if took > 0 else "")

    def never_arrived(self, row: dict[str, float]) -> str:
        """Say that the hand-off lost the lead, or took longer than the lead would wait."""
        if row["left_to"] == codes.P_LEAKED:
            return "lost in the hand-off: nobody is told of it"
        return "gives up waiting before sales is told: went cold"

    def started(self, row: dict[str, float]) -> str:
        """Say who takes the task, after which wait, and what comes of it at once."""
        pool, queued, started = int(row["pool"]), row["queued"], row["started"]
        who, wait = "no rep needed", ""
        if pool != NO_POOL:
            who = self.plan.pools[pool] + (f" {row['rep']:.0f}" if row["rep"] >= 0 else "")
            if started > queued:
                opens, closes = self.plan.calendars[self.phase(started).pools[pool].calendar]
                open_hours = words.hours(float(working_between(opens, closes, queued, started)), working=True)
                wait = f" after {words.hours(started - queued)} in the queue ({open_hours} of them open)"
        kinds = {codes.NO_SHOW: "nobody turns up", codes.FIRST_CONTACT: "first contact"}
        return f"{self.plan.stages[int(row['stage'])]}: {who}{wait}; {kinds.get(int(row['kind']), 'work begins')}"

    def ended(self, row: dict[str, float], count: int) -> str:
        """Say how a task ends: the decision, and the odds and the luck behind it; `count`: of tasks at this stage."""
        name = self.plan.stages[int(row["stage"])]
        work = f"{words.hours(row['effort'], working=True)} of work" if row["effort"] > 0 else "no work"
        decision = int(row["decision"])
        result = "advances" if decision == codes.ADVANCED else EXITS.get(decision, codes.DECISIONS[decision])
        if row["kind"] == codes.NO_SHOW:
            return f"{name}: {work} lost, {result}"
        if decision == codes.REJECTED_CONTACT:
            return f"{name}: {work}; rejected by sales, {self._judgement(row)}"
        if decision == codes.LEAKED_TASK:
            return f"{name}: lost in the hand-off between teams"
        first = row["kind"] == codes.FIRST_CONTACT and self.phase(row["started"]).accepts
        accepted = f"accepted by sales, {self._judgement(row)}; " if first else ""
        intercept = self.phase(row["started"]).stages[int(row["stage"])].intercept
        odds = "everyone goes on" if intercept > 0 else "nobody goes on"
        if not math.isinf(intercept):
            chance = 1 / (1 + math.exp(-(intercept + row["x"])))
            luck = uniform(*self._key, LUCK, self.plan.stage_hash[int(row["stage"])], count)
            odds = f"chance {100 * chance:.1f}%, draw {100 * luck:.1f}%"
        return f"{name}: {work}; {accepted}{odds}: {result}"

    def _judgement(self, row: dict[str, float]) -> str:
        seen = self.passes[int(row["pass"])]["assessment"]
        return f"judged {seen:+.2f}, the bar is {self.phase(row['started']).cut:+.2f}"

    def left_the_queue(self, row: dict[str, float]) -> str:
        """Say that the lead left without being contacted."""
        pool = int(row["pool"])
        where = f" ({self.plan.pools[pool]})" if pool != NO_POOL else ""
        return LEFT_QUEUE.get(int(row["decision"]), codes.DECISIONS[int(row["decision"])]) + where

    def into_nurture(self, row: dict[str, float]) -> str:
        """Say why the lead enters nurture."""
        return f"into nurture, stay {row['entry']:.0f}: {codes.REASONS[int(row['reason'])]}"

    def out_of_nurture(self, row: dict[str, float]) -> str:
        """Say how a stay in nurture ended."""
        ends = {
            codes.OPT_OUT: "opts out",
            codes.NEW_PASS: "scored again: qualifies",
            codes.AGAIN: "scored again: a near miss",
            codes.CLOSED: "scored again: not enough",
        }
        return f"out of nurture: {ends.get(int(row['end']), codes.ENTRY_ENDS[int(row['end'])])}"

    def closed(self) -> str:
        """Say how the story ends, or that it has not ended yet."""
        outcome = int(self.lead["outcome"])
        if outcome in (codes.OPEN, codes.IN_NURTURE):
            return f"the period ends; the lead is {'in nurture' if outcome == codes.IN_NURTURE else 'still open'}"
        if outcome == codes.WON:
            return f"won: {words.money(self.lead['value'], self.plan.currency)}"
        return f"closed: {codes.OUTCOMES[outcome]}"


EPOCH = datetime(1970, 1, 1)


class UnknownLeadError(SimfunnelError):
    """No lead of that name lives in this simulated year."""


class Moment(NamedTuple):
    """One thing that happened, at a local time."""

    at: datetime
    text: str


class Story(NamedTuple):
    """A lead's life in order."""

    lead: str  # readable id
    number: int  # place in the order of creation, from 1
    seed: int
    replication: int
    outcome: str
    moments: tuple[Moment, ...]

    def as_dict(self) -> dict[str, Any]:
        """The story as plain values."""
        told = [{"at": moment.at.isoformat(timespec="minutes"), "text": moment.text} for moment in self.moments]
        return {"schema": "simfunnel.trace/1", **self._asdict(), "moments": told}


LONGEST_ID = 20  # digits of 64 bits


def find_lead(plan: Plan, ledger: Ledger, name: str) -> int:
    """Find the row of a lead by its place in the order of creation (from 1), its readable id, or the id in an exported
    ledger.

    Raises UnknownLeadError with examples of leads that there are.
    """
    ids = ledger.leads["id"]
    is_number = name.isascii() and name.isdigit() and len(name) <= LONGEST_ID
    if is_number and 1 <= int(name) <= len(ids):
        return int(name) - 1
    wanted = int(name) if is_number and int(name) < 1 << 64 else lead_id(plan, name)
    found = np.flatnonzero(ids == np.uint64(wanted)) if wanted is not None else np.empty(0, np.int64)
    if not len(found):
        raise UnknownLeadError(f"none of the {len(ids):,} leads is called {name!r}; {examples(plan, ledger)}")
    return int(found[0])


def examples(plan: Plan, ledger: Ledger) -> str:
    """Name one lead of the period for each outcome, as a half-sentence."""
    leads = Columns(ledger.leads)
    known = []
    for code, outcome in enumerate(codes.OUTCOMES):
        rows = np.flatnonzero((leads.ints("outcome") == code) & (leads.floats("created") >= 0))
        if len(rows):
            known.append(f"{lead_name(plan, ledger, int(rows[0]))} ({outcome})")
    return f"e.g. {', '.join(known)}" if known else "this year has none"


def story(plan: Plan, ledger: Ledger, row: int, seed: int, replication: int) -> Story:
    """Tell the story of the lead in `row` of a ledger that this plan, seed and replication made."""
    passes = _rows(ledger.passes, row)
    teller = Teller(plan, seed, replication, _facts(ledger.leads, row), passes)
    told = list(_lines(teller, passes, _rows(ledger.tasks, row), _rows(ledger.entries, row)))
    told.sort(key=lambda line: line[:2])  # at one instant: in the order in which things follow from each other
    moments = tuple(
        Moment(EPOCH + timedelta(days=plan.day_zero, seconds=round(hours * 3600)), text) for hours, _, text in told
    )
    outcome = codes.OUTCOMES[int(teller.lead["outcome"])]
    return Story(lead_name(plan, ledger, row), row + 1, seed, replication, outcome, moments)


Row = dict[str, float]
Line = tuple[float, float, str]  # hours, rank at one instant, text
BORN, LEFT_NURTURE, SCORED, HANDED, TASK, INTO_NURTURE, CLOSED = range(7)


def _facts(table: Table, row: int) -> Row:
    return {name: column[row].item() for name, column in table.items()}


def _rows(table: Table, lead: int) -> list[Row]:
    return [_facts(table, int(row)) for row in np.flatnonzero(table["lead"] == lead)]


def _lines(teller: Teller, passes: Sequence[Row], tasks: Sequence[Row], entries: Sequence[Row]) -> Iterator[Line]:
    """Yield what happened to a lead: its birth, its passes, its tasks, its stays in nurture and its end."""
    created, closed = teller.lead["created"], teller.lead["closed_at"]
    yield created, BORN, teller.born(any(each["started"] == created for each in passes))
    for each in passes:
        yield each["started"], SCORED, teller.qualified(each)
        joined = each["handed_off_at"]
        if not math.isnan(joined):
            yield joined, HANDED, teller.handed_off(each)
        elif each["left_to"] in (codes.P_LEAKED, codes.P_COLD):
            yield each["left_at"], HANDED, teller.never_arrived(each)
    counts: Counter[float] = Counter()
    for place, each in enumerate(tasks):
        rank = TASK + place / (len(tasks) + 1)  # a stage without a rep begins and ends at one instant
        started = not math.isnan(each["started"])
        if started:
            counts[each["stage"]] += 1
            yield each["started"], rank, teller.started(each)
        if not math.isnan(each["ended"]) and each["decision"] != codes.PENDING:
            ending = teller.ended(each, counts[each["stage"]]) if started else teller.left_the_queue(each)
            yield each["ended"], rank, ending
    for each in entries:
        yield each["entered"], INTO_NURTURE, teller.into_nurture(each)
        if not math.isnan(each["left_at"]):
            yield each["left_at"], LEFT_NURTURE, teller.out_of_nurture(each)
    yield (teller.plan.end_h if math.isnan(closed) else closed), CLOSED, teller.closed()


WHEN_WIDTH = 23


def story_screen(told: Story, width: int = 100, colour: bool = False) -> str:
    """Write a story as a page of text, at most `width` columns; times are the scenario's local times."""
    page = Page(width, colour)
    page.title(f"Lead {told.lead}", f"number {told.number}, seed {told.seed}, replication {told.replication}")
    day = ""
    for moment in told.moments:
        date = f"{moment.at:%a} {moment.at.day} {moment.at:%b %Y}"
        page.line(f"{'' if date == day else date:<16} {moment.at:%H:%M}", moment.text, WHEN_WIDTH + 1)
        day = date
    page.blank()
    page.line("", "A task advances when the draw lies below the chance.", 0)
    return page.text()
