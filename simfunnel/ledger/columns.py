"""The columns an engine writes: name, dtype, unit and meaning, one table for code, exports and docs."""

from __future__ import annotations

from typing import NamedTuple

# outcomes of a lead
OPEN, WON, LOST, REJECTED, WENT_COLD, BALKED, LEAKED, DISQUALIFIED, OPTED_OUT, IN_NURTURE = range(10)
OUTCOMES = (
    "open",
    "won",
    "lost",
    "rejected",
    "went cold",
    "balked",
    "leaked",
    "disqualified",
    "opted out",
    "in nurture",
)

# kinds of task
FIRST_CONTACT, WORK, NO_SHOW = range(3)
TASK_KINDS = ("first contact", "work", "no-show")

# decisions at a task's end
(
    PENDING,
    ADVANCED,
    TO_NURTURE,
    POSTPONED,
    NOT_ADVANCED,
    REJECTED_CONTACT,
    NOBODY_THERE,
    COLD,
    BALKED_TASK,
    LEAKED_TASK,
    MOVED,
) = range(11)
DECIDED = (ADVANCED, TO_NURTURE, POSTPONED, NOT_ADVANCED)  # whether the lead goes on; the rest are ways to leave a task
NOT_THERE = (NOBODY_THERE,)  # the customer did not come
LOSING = (NOT_ADVANCED,)  # the lead is lost for good
DECISIONS = (
    "pending",
    "advanced",
    "nurture",
    "postponed",
    "lost",
    "rejected",
    "no-show",
    "went cold",
    "balked",
    "leaked",
    "moved to another pool",
)

# where a pass left to
IN_PROGRESS, P_WON, P_LOST, P_NURTURE, P_REJECTED, P_COLD, P_BALKED, P_LEAKED = range(8)
LEFT_TO = ("in progress", "won", "lost", "nurture", "rejected", "went cold", "balked", "leaked")

# why a lead entered nurture
NEAR_MISS, BELOW, AFTER_REJECTION, AFTER_LOSS = range(4)
REASONS = ("near miss", "below the threshold", "rejected", "not advancing")

# how a nurture entry ended
STILL_IN, OPT_OUT, NEW_PASS, AGAIN, CLOSED = range(5)
ENTRY_ENDS = ("still in nurture", "opted out", "new pass", "another entry", "closed")


class Column(NamedTuple):
    """One column of one table of the ledger."""

    name: str
    dtype: str
    unit: str
    meaning: str


LEADS = (
    Column("id", "u8", "", "identity: source, calendar day, layer and index; the same under every plan"),
    Column("channel", "i2", "index", "channel"),
    Column("campaign", "i2", "index", "campaign, -1 when none"),
    Column("created", "f8", "hours", "creation, hours from the period's start"),
    Column("quality", "f8", "sd", "latent quality Q at the end of the lead's record"),
    Column("outcome", "i1", "code", "how the lead closed, or open / in nurture"),
    Column("closed_at", "f8", "hours", "when it closed; nan while open or in nurture"),
    Column("value", "f8", "money", "deal value if won"),
    Column("passes", "i2", "count", "qualifying scorings so far"),
    Column("entries", "i2", "count", "nurture entries so far"),
    Column("effort", "f8", "hours", "hours of rep work spent on the lead"),
    Column("wasted", "f8", "hours", "of these, on contacts that sales rejected"),
)

PASSES = (
    Column("lead", "i4", "row", "row of the lead in `leads`"),
    Column("pass", "i2", "count", "1 for the pass at creation, later ones after nurture"),
    Column("started", "f8", "hours", "the qualifying scoring"),
    Column("score", "f8", "points", "score at that moment"),
    Column("handed_off_at", "f8", "hours", "joined the first queue; nan when leaked or cold before"),
    Column("first_response_at", "f8", "hours", "start of the first contact; nan when none"),
    Column("accepted", "i1", "flag", "1 accepted, 0 rejected, -1 not judged"),
    Column("assessment", "f8", "sd", "what sales saw of the quality at the first contact, A; nan when not judged"),
    Column("pool", "i2", "index", "pool of the first stage, -1 when none"),
    Column("rep", "i4", "number", "rep of the first contact, -1 when none"),
    Column("stage", "i2", "index", "furthest stage reached in this pass (number of stages passed: n = all)"),
    Column("left_to", "i1", "code", "where the pass ended"),
    Column("left_at", "f8", "hours", "when; nan while in progress"),
)

TASKS = (
    Column("lead", "i4", "row", "row of the lead in `leads`"),
    Column("pass", "i2", "count", "pass the task belongs to"),
    Column("stage", "i2", "index", "stage"),
    Column("pool", "i2", "index", "pool, -1 when the stage needs no rep"),
    Column("rep", "i4", "number", "rep who did it, -1 when none"),
    Column(
        "entered", "f8", "hours", "from when the lead counts as open work of this task (hand-off and wait included)"
    ),
    Column("queued", "f8", "hours", "joined the queue; nan when it never did"),
    Column("started", "f8", "hours", "a rep started; nan when it never did"),
    Column("ended", "f8", "hours", "the task's end, or when the lead left the queue; nan while pending"),
    Column("effort", "f8", "hours", "hours of work it took or will take"),
    Column("kind", "i1", "code", "first contact, work or no-show"),
    Column("x", "f8", "log-odds", "log-odds of advancing without the stage's intercept; nan when no decision"),
    Column("decision", "i1", "code", "what was decided at the end"),
)

ENTRIES = (
    Column("lead", "i4", "row", "row of the lead in `leads`"),
    Column("entry", "i2", "count", "1 for the first stay in nurture"),
    Column("reason", "i1", "code", "why it entered"),
    Column("entered", "f8", "hours", "when it entered"),
    Column("left_at", "f8", "hours", "when it was looked at again; nan while in nurture"),
    Column("end", "i1", "code", "how the stay ended"),
)

REPS = (
    Column("pool", "i2", "index", "pool"),
    Column("rep", "i4", "number", "rep; -1 for open leads that nobody owns"),
    Column("week", "i2", "weeks", "week from the period's start; the run-in's are negative"),
    Column("staffed", "f8", "hours", "open hours on the headcount, overtime of a leaver included"),
    Column("busy", "f8", "hours", "of these, with a task in hand"),
    Column("open_hours", "f8", "lead-hours", "leads open in the pool's stages (of the rep, under ownership: rep)"),
)

QUEUES = (
    Column("pool", "i2", "index", "pool"),
    Column("queue_hours", "f8", "lead-hours", "integral of the number waiting, kept by the engine as it runs"),
    Column("joined", "i8", "count", "tasks that joined"),
    Column("started", "i8", "count", "tasks that were started"),
    Column("left", "i8", "count", "tasks that left without being started"),
)

TABLES = {"leads": LEADS, "passes": PASSES, "tasks": TASKS, "entries": ENTRIES, "reps": REPS, "queues": QUEUES}
