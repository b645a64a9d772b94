"""The Plan: everything an engine may read, as numbers in hours, names as hashes, and nothing that a planner typed."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.distributions import Dist
from simfunnel.theory.visit import Visit
from simfunnel.units import Duration


def name_hash(text: str) -> int:
    """Return 32 bits of a name.

    >>> name_hash("demo") == name_hash("demo"), name_hash("demo") == name_hash("Demo")
    (True, False)
    """
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big")


def source_hash(channel: str, *more: str) -> int:
    """Return 24 bits of the names that a source of leads goes by: a channel, and a campaign, list or opening stage in
    it.

    Names are joined by a character that no name contains, so ("a", "b") and ("ab",) differ.
    """
    return int.from_bytes(blake2b("\x1f".join((channel, *more)).encode(), digest_size=3).digest(), "big")


NO_POOL = -1

# handoff ways
INSTANT, DELAY, BATCH = 0, 1, 2
# pool structure
POOLED, DEDICATED, HYBRID = 0, 1, 2
# routing of first contacts
SHARED_QUEUE, ROUND_ROBIN, RANDOM = 0, 1, 2
# discipline of first-stage tasks
FIFO, NEWEST_FIRST, HIGHEST_SCORE = 0, 1, 2
# place of later tasks
OPEN_DEALS_FIRST, OPEN_DEALS_LAST, IN_TURN = 0, 1, 2
# who owns a lead after its first task in a pool
OWNED_BY_POOL, OWNED_BY_REP = 0, 1
# what happens below the threshold, after a rejection
TO_DISQUALIFIED, TO_NURTURE, TO_LOST = 0, 1, 2
# kinds of source
SHEET, CAMPAIGN, LIST, OPENING = 0, 1, 2, 3


@dataclass(frozen=True)
class Source:
    """Where leads come from: a channel's sheet, a campaign, a list or the opening pipeline."""

    kind: int
    channel: int
    campaign: int  # index into Plan.campaigns, -1 when none
    key: int  # 24-bit hash of the names, the high bits of every lead id
    rate_h: Floats  # [n_days] leads per hour at profile 1: volume x season x growth, phases merged; campaign: its own
    swing_cv: Floats  # [n_days] coefficient of variation of the day's Gamma factor; 0 = none
    profile: Ints  # [n_phases] row of Plan.profiles
    list_every: tuple[Dist, ...] = ()  # [n_phases], lists only; hours between batches
    list_size: tuple[Dist, ...] = ()  # [n_phases], lists only; leads in a batch


@dataclass(frozen=True)
class Way:
    """How a lead travels from one owner to the next, and whether it arrives."""

    way: int
    delay: Dist
    batch_h: Floats  # sorted absolute hours at which a batch goes (BATCH only), empty otherwise
    leak: float


@dataclass(frozen=True)
class Speed:
    """Odds at the first stage by hours from the pass's start to its first contact; empty tables mean no effect."""

    strength: float
    hours: Floats
    odds: Floats


@dataclass(frozen=True)
class Load:
    """Odds and effort factors by open leads per head (or of the rep under ownership: rep); empty tables: none."""

    strength: float
    odds_at: Floats
    odds: Floats
    effort_at: Floats
    effort: Floats


@dataclass(frozen=True)
class StageRules:
    """One stage in one phase."""

    intercept: float  # b_k; +inf always advances, -inf never
    log_quality_odds: float
    effort: Dist  # hours of work
    wait: Dist  # customer time before the task (first stage: only after a no-show)
    visit: Visit
    postponed_for: Dist
    handoff: Way  # used when the pool changes on entering this stage


@dataclass(frozen=True)
class PoolRules:
    """One pool in one phase."""

    calendar: int  # row of Plan.calendars
    unlimited: bool  # reps: unlimited; rep numbers are then not tracked (rep = -1)
    selling_time: float
    structure: int
    routing: int
    discipline: int
    open_deals: int
    ownership: int
    queue_limit: int  # -1: none
    overflow_after: Dist  # NEVER: no overflow
    overflow_to: tuple[tuple[int, ...], ...]  # per channel of the lead: teams (channels) that help, in order
    team_of: Ints  # [positions] channel index of the team that the k-th head belongs to; -1 when pooled
    own_log_odds: Floats  # [channels] what a dedicated rep gains on its own channel
    own_time: Floats  # [channels]
    skill_log_odds: Floats  # [channels] for every rep of the pool
    skill_time: Floats  # [channels]
    load: Load
    cost_per_day: float  # of one rep on the headcount
    commission: float  # share of won value paid when this pool's rep wins the deal


@dataclass(frozen=True)
class Phase:
    """The rules in force from `start_h` until the next phase."""

    start_h: float
    home_pool: Ints  # [channels, stages] pool index or NO_POOL
    # who the lead is (read when it is created)
    quality_mean: Floats  # [channels] typed quality minus centre
    r_score: float
    score_mean: float
    score_per_unit: float  # S = score_mean + score_per_unit * (r_S Q + sqrt(1 - r_S^2) e_S) + bias
    score_bias: Floats  # [channels]
    value: tuple[Dist, ...]  # [channels]
    value_quality: Floats  # [channels]
    # qualification (read when a pass would start)
    threshold: Floats  # [channels]
    near_miss: float
    near_miss_to: int
    below_to: int
    # acceptance, at the first contact
    accepts: bool  # False: no acceptance step, everyone is accepted
    cut: float
    r_assessment: float
    a_score: float  # weight of e_S in A
    a_noise: float  # weight of e_A in A
    acceptance_effort: Dist  # hours; used when acceptance_share < 0
    acceptance_share: float  # share of the task's drawn effort; -1 when typed as a duration
    rejected_to: int
    handoff: tuple[Way, ...]  # [channels]
    patience: tuple[Dist, ...]  # [channels], first pass
    speed: tuple[Speed, ...]  # [channels]
    stages: tuple[StageRules, ...]
    pools: tuple[PoolRules, ...]
    # nurture
    nurtures: bool
    nurture_delay: Dist
    score_lift: Dist
    quality_lift: Dist
    opt_out: float
    cycles: int
    nurture_patience: Dist
    # money
    nurture_cost: float  # per entry
    cost_per_lead: Floats  # [channels]


@dataclass(frozen=True)
class Roster:
    """Every rep who is ever on the headcount, in the order of hiring; columns of equal length."""

    pool: Ints
    number: Ints  # within the pool, from 0, never reused
    position: Ints  # place on the headcount: the k-th head
    joins_h: Floats
    leaves_h: Floats  # inf: stays
    start_at: Floats  # productivity on the first day
    ramp_days: Floats  # 0: full at once


@dataclass(frozen=True)
class CampaignFacts:
    """What a campaign costs and when it is booked."""

    channel: int
    cost: float
    first_day: int


@dataclass(frozen=True)
class Clause:
    """One clause of the service level agreement."""

    side: str  # "marketing", "sales" or "other"
    metric: str  # "mqls", "win_share", "acceptance", "response" or a metric's name
    low: float  # -inf when unbounded
    high: float  # +inf when unbounded
    within_h: float = 0.0  # response: hours of the promise's clock; a business day is that of the scenario's calendar
    pool: str = ""
    channel: str = ""
    within: Duration | None = None  # as typed, elapsed or working; None: working hours

    @property
    def promise(self) -> Duration:
        """The promised time in the clock it was typed in."""
        return self.within or Duration(self.within_h, "hour", True)


@dataclass(frozen=True)
class OpeningLead:
    """Leads that are in the pipeline when the period starts."""

    channel: int
    stage: int
    count: int
    age: Dist
    source: int  # row of Plan.sources
    first: int  # index of the first of them within the source


@dataclass(frozen=True)
class Plan:
    """One plan of one scenario, ready to simulate; identical plans have identical `sha256`."""

    channels: tuple[str, ...]
    campaigns: tuple[str, ...]
    stages: tuple[str, ...]
    pools: tuple[str, ...]
    stage_hash: tuple[int, ...]  # 32-bit hash of each stage's name
    day_zero: int  # days since 1970-01-01 of hour 0
    first_day: int  # <= 0: the run-in's first day, relative to day 0
    n_days: int  # from first_day to the period's end
    start_h: float  # first_day * 24
    end_h: float
    month_start_h: Floats  # [months + 1] hours at which the period's calendar months start, and the end
    switches_h: Floats  # [phases] start of each phase; the first is start_h
    phases: tuple[Phase, ...]
    sources: tuple[Source, ...]
    profiles: Floats  # [n, 10080] weekly profile by local minute from Monday 00:00, mean 1 over the week
    calendars: tuple[tuple[Floats, Floats], ...]  # (opens, closes) in hours
    working_day_h: Floats  # [calendars] open hours of a business day
    roster: Roster
    opening: tuple[OpeningLead, ...]
    open_leads: Floats  # [n, 5] (Q, e_S, A, stage, channel) to resample the opening pipeline from; may be empty
    campaign_facts: tuple[CampaignFacts, ...]
    clauses: tuple[Clause, ...]
    target_revenue: float  # nan when none
    currency: str
    calibrated: bool = field(default=True)
    reported_h: Floats = field(default_factory=lambda: np.empty(0))  # [n + 1] as month_start_h, of the months shown
    reported_names: tuple[str, ...] = ()  # of those months; empty arrays: the calendar months are shown

    @property
    def sha256(self) -> str:
        """Identity of the plan: the SHA-256 of its fields' bytes in order."""
        digest = hashlib.sha256()
        _feed(digest, self)
        return digest.hexdigest()

    @property
    def months_h(self) -> Floats:
        """[months + 1] hours at which the months that results are shown by start, and the end."""
        return self.reported_h if len(self.reported_h) else self.month_start_h

    def phase_at(self, t: float) -> int:
        """Return the index of the phase in force at hour `t`; a switch belongs to the phase that it starts."""
        return int(np.searchsorted(self.switches_h, t, side="right")) - 1


def _feed(digest: hashlib._Hash, value: object) -> None:
    if isinstance(value, np.ndarray):
        digest.update(str((value.dtype.str, value.shape)).encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            digest.update(part.name.encode())
            _feed(digest, getattr(value, part.name))
    elif isinstance(value, tuple):
        digest.update(b"(%d" % len(value))
        for part in value:
            _feed(digest, part)
    else:
        digest.update(repr(value).encode())
        digest.update(b";")
