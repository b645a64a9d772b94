"""Where a replication's time goes, step by step, with each engine.

python benchmarks/profile_steps.py                           funnel_bench.yaml at 10,000 leads, and b2b.yaml
python benchmarks/profile_steps.py --n 100000 --engine simpy
python benchmarks/profile_steps.py --write                   put the tables into docs/background/performance.md

Each step is a function of this project whose time is taken, less that of the steps within it. Processor time, medians
over replications, engines in turns. Compilation happens before.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks import machine, markdown
from benchmarks.players import plan_for
from benchmarks.workloads import plan_of

PLACE = "profile"
SHEETS = "arrivals: who comes, and when"
SCORING = "arrivals: score, nurture, hand-off, up to the queue"
LOOP = "the clock: queues and tasks"
LEDGER, REPS = "the ledger's other tables, room for them, and all else", "the ledger's rep hours by week"
METRICS = "metrics of the ledger"
LEAST_TIMES = 10  # the SimPy engine's time in terms of the compiled engine's
STEPS = (SHEETS, SCORING, LOOP, LEDGER, REPS, METRICS)

# step, and the place where its function is looked up when it is called
SPANS: dict[str, tuple[tuple[str, str], ...]] = {
    "simpy": (
        (SHEETS, "simfunnel.engine.arrivals:leads_in_order"),
        (SCORING, "simfunnel.engine.arrivals:live_to_the_queue"),
        (LOOP, "simfunnel.engine.reference.clock:Clock.run"),
        (REPS, "simfunnel.engine.reference.run:reps_table"),
    ),
    "compiled": (
        (SHEETS, "simfunnel.engine.arrivals:leads_in_order"),
        (SCORING, "simfunnel.engine.arrivals:live_to_the_queue"),
        (LOOP, "simfunnel.engine.compiled.run:loop"),
        (REPS, "simfunnel.engine.compiled.run:reps_table"),
    ),
}


@dataclass
class Stopwatch:
    """Seconds by step; a step within another one stops the outer one's watch."""

    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    open_steps: list[str] = field(default_factory=list)
    since: float = 0.0

    @contextmanager
    def timing(self, step: str) -> Iterator[None]:
        """Count the block's time for `step`."""
        self._turn_over()
        self.open_steps.append(step)
        try:
            yield
        finally:
            self._turn_over()
            self.open_steps.pop()

    def _turn_over(self) -> None:
        now = time.process_time()
        if self.open_steps:
            self.spent[self.open_steps[-1]] += now - self.since
        self.since = now

    def wrapped(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""

        def timed(*args: Any, **named: Any) -> Any:
            with self.timing(step):
                return function(*args, **named)

        return timed


@contextmanager
def replaced(place: str, by: Callable[[Any], Any]) -> Iterator[None]:
    """Let `module:name` or `module:Class.name` be another function for the length of the block."""
    module, _, path = place.partition(":")
    *outer, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for part in outer:
        owner = getattr(owner, part)
    before = getattr(owner, name)
    setattr(owner, name, by(before))
    try:
        yield
    finally:
        setattr(owner, name, before)


def profiled(plan: Any, engine: str, replication: int) -> tuple[dict[str, float], int]:
    """(seconds by step, leads) of one replication."""
    from simfunnel.engine import simulate
    from simfunnel.engine.creation import forget_leads
    from simfunnel.metrics import measure

    forget_leads()
    watch = Stopwatch()
    with ExitStack() as stack:
        for step, place in SPANS.get(engine, ()):
            stack.enter_context(replaced(place, partial(watch.wrapped, step)))
        with watch.timing(LEDGER):
            ledger = simulate(plan, 1, replication, engine)
        with watch.timing(METRICS):
            measure(plan, ledger)
    return dict(watch.spent), len(ledger.leads["id"])


def shares(plan: Any, engines: list[str], replications: int) -> tuple[str, float | None]:
    """A table of steps by engine: microseconds a lead, and the share of the whole; how many times as fast as SimPy's
    the compiled engine is without metrics, None when only one engine is measured."""
    seen: dict[str, list[tuple[dict[str, float], int]]] = {engine: [] for engine in engines}
    for replication in range(replications + 1):
        for engine in engines:
            found = profiled(plan, engine, replication)
            if replication:  # the first one compiles
                seen[engine].append(found)
    columns = {engine: {step: _cost(runs, (step,)) for step in STEPS} for engine, runs in seen.items()}
    totals = {engine: _cost(runs, STEPS) for engine, runs in seen.items()}
    rows = [
        [step, *(f"{cost[step]:.3f} ({cost[step] / totals[engine]:.0%})" for engine, cost in columns.items())]
        for step in STEPS
    ]
    ledgers = {engine: _cost(runs, STEPS[:-1]) for engine, runs in seen.items()}
    rows.append(["all but the metrics", *(f"{ledgers[engine]:.3f}" for engine in engines)])
    rows.append(["all", *(f"{totals[engine]:.3f}" for engine in engines)])
    table = markdown.table(["us a lead (share)", *(f"{engine}" for engine in engines)], rows)
    return table, ledgers["simpy"] / ledgers["compiled"] if len(engines) > 1 else None


def _cost(runs: list[tuple[dict[str, float], int]], steps: tuple[str, ...]) -> float:
    """Microseconds a lead of some steps, median of the replications."""
    return statistics.median(1e6 * sum(spent.get(step, 0.0) for step in steps) / max(1, leads) for spent, leads in runs)


def main() -> int:
    """Parse the options, profile, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=10_000, help="leads of funnel_bench.yaml (10,000)")
    parser.add_argument("--replications", type=int, default=15, help="replications (15)")
    parser.add_argument("--engine", choices=tuple(SPANS), help="only this engine")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {markdown.PAGE.name}")
    options = parser.parse_args()
    if options.n < 100 or options.replications < 1:
        parser.error("at least 100 leads and 1 replication are needed")
    engines = [name for name in SPANS if options.engine in (None, name)]
    load = machine.load()
    workload, _ = shares(plan_for(options.n), engines, options.replications)
    year, times = shares(plan_of("b2b"), engines, options.replications)
    goal = f"a replication of b2b.yaml without its metrics at least {LEAST_TIMES} times as fast as the SimPy engine's"
    held = [(goal, f"{times:.1f} times", times >= LEAST_TIMES)] if times is not None else []
    parts = [
        f"{options.n:,} leads of funnel_bench.yaml:\n\n{workload}",
        f"b2b.yaml, a year with its run-in:\n\n{year}",
        markdown.goals(held),
        f"Medians of {options.replications} replications (`{markdown.command()}`). "
        + machine.described(("numpy", "numba", "simpy"), started_under=load),
    ]
    text = "\n\n".join(filter(None, parts))
    print(text)
    if options.write:
        markdown.put(PLACE, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
