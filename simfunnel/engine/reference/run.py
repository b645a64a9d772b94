"""One replication by SimPy: leads come, live, and what became of them is put together."""

from __future__ import annotations

import numpy as np

from simfunnel.engine.arrivals import Arrivals, all_arrivals
from simfunnel.engine.order import READY
from simfunnel.engine.recorder import ENDS, Recorder
from simfunnel.engine.reference.clock import Steps
from simfunnel.engine.reference.lead import life, life_from
from simfunnel.engine.reference.state import Lead
from simfunnel.engine.reference.world import World
from simfunnel.engine.rep_hours import reps_table
from simfunnel.ledger import Ledger
from simfunnel.plan.model import Plan

FEED_BATCH = 4096


def simulate(plan: Plan, seed: int, replication: int) -> Ledger:
    """Simulate one replication of a plan by SimPy; the same arguments always give the same bytes."""
    world = World(plan, seed, replication)
    arrivals = all_arrivals(plan, world.tables, seed, replication)
    world.announce()
    _open_the_pipeline(arrivals, world)
    world.clock.process(_leads_come(arrivals, world))
    world.clock.run()
    world.write_what_is_open()
    queues = Recorder("queues")
    # the integral of the number waiting is brought up to the period's end
    for pool in world.pools:
        waited = pool.queue_hours + pool.waiting * (plan.end_h - pool.changed_at)
        queues.add((pool.index, waited, pool.joined, pool.started, pool.left))
    leads, passes, entries = arrivals.leads, arrivals.passes_before_the_queue(), arrivals.entries
    ends, tasks = world.ends.table(), world.tasks.table()
    for name, _ in ENDS[1:]:
        leads[name][ends["lead"]] = ends[name]
    return Ledger(
        leads=leads,
        passes=world.passes.table(passes),
        tasks=tasks,
        entries=world.entries.table(entries),
        reps=reps_table(plan, tasks),
        queues=queues.table(),
    )


def _leads_come(a: Arrivals, world: World) -> Steps:
    """Let leads, made a batch at a time, join their first queue one after another, in the order of (time, lead)."""
    rows = np.flatnonzero(a.joins_at < world.plan.end_h)
    rows = rows[np.lexsort((rows, a.joins_at[rows]))]
    known = (
        a.leads["id"], a.leads["channel"], a.leads["quality"], a.noise, a.score, a.leads["entries"],
        a.pass_started, a.joins_at, a.gives_up,
    )  # fmt: skip
    for at in range(0, rows.size, FEED_BATCH):
        part = rows[at : at + FEED_BATCH]
        for row, *who, started, joins_at, gives_up in zip(
            part.tolist(), *(column[part].tolist() for column in known), strict=True
        ):
            lead = Lead(world.seed, world.replication, row, *who)
            lead.new_pass(started, joins_at, gives_up)
            yield world.clock.until(lead.handed_off, READY, lead.row)
            world.alive[lead.row] = lead
            world.clock.process(life(lead, world))


def _open_the_pipeline(a: Arrivals, world: World) -> None:
    """Let leads that are in the stages when the period starts go on living there."""
    if a.opening is None:
        return
    o, start = a.opening, world.plan.start_h
    entries = np.zeros(o.id.size, np.int64)
    known = (o.id, o.channel, o.quality, o.noise, o.score, entries, o.created, o.gives_up, o.stage, o.ready_at)
    for row, (*who, created, gives_up, stage, ready) in enumerate(zip(*(k.tolist() for k in known), strict=True)):
        lead = world.alive[row] = Lead(world.seed, world.replication, row, *who)
        lead.new_pass(created, start, gives_up)
        if stage > 0:
            lead.stage = lead.passed_stages = stage
            lead.first_contact, lead.accepted = False, 1
            homes = world.phase.home_pool[lead.channel, :stage]
            lead.worked_in = int(homes[homes >= 0][-1]) if (homes >= 0).any() else -1
        world.clock.process(life_from(lead, ready, world))
