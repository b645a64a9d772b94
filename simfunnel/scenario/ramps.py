"""What a lever of heads leaves out: who is added is a settled person, where a hire of the pool would ramp."""

from __future__ import annotations

from collections.abc import Iterable

from simfunnel.errors import Path
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.phases import PlanSpec
from simfunnel.scenario.pools import Pool

SETTLED = "added reps count as fully productive from the first day; a hire ramps {ramp}"


def ramp_note(pool: Pool) -> str:
    """What must be said beside a figure of added reps; empty where no hire of the pool is typed with a ramp."""
    typed = [hire.ramp for hire in pool.hires if hire.ramp is not None and hire.ramp.amount > 0]
    if not typed:
        return ""
    return SETTLED.format(ramp=" or ".join(dict.fromkeys(str(each) for each in typed)))


def ramp_notes(scenario: Scenario, pools: Iterable[str]) -> list[str]:
    """The note of each of some pools that needs one, with the pool's name."""
    there = [name for name in dict.fromkeys(pools) if name in scenario.pools]
    notes = {name: ramp_note(scenario.pools[name]) for name in there}
    return [f"{name}: {note}" for name, note in notes.items() if note]


def pools_with_added_reps(plan: PlanSpec) -> list[str]:
    """Pools that have more reps in a phase of the plan than on its base, hires not counted."""
    before = {name: pool.reps for name, pool in plan.base.pools.items()}
    found = []
    for _, scenario in plan.phases:
        for name, pool in scenario.pools.items():
            old = before.get(name)
            if isinstance(pool.reps, int) and isinstance(old, int) and pool.reps > old:
                found.append(name)
    return list(dict.fromkeys(found))


def pools_of_heads(targets: Iterable[Path]) -> list[str]:
    """Pools whose reps are among what some paths set."""
    return [str(path[1]) for path in targets if path[0] == "pools" and len(path) > 2 and path[2] == "reps"]
