"""How the cost of a lead grows with leads, channels, pools, stages and the levels of a sweep.

python benchmarks/growth.py                          both engines
python benchmarks/growth.py --engine simpy --rounds 3
python benchmarks/growth.py --write                  put the tables into docs/background/performance.md

One thing is varied at a time, from a funnel with 10,000 leads a year, 4 channels, 2 pools and 4 stages. Reps grow with
the leads, so that they are as busy as before; more stages are more work for each lead, so their table is per task too.
All variants are simulated in turns, round by round; medians of processor time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks import machine, markdown
from benchmarks.turns import say

PLACE = "growth"
LEVELS = (1, 2, 4, 8, 17)
HOURS_A_YEAR = 2080 * 0.5  # of a rep's work: selling time is half of the opening hours
BUSY = 0.8


@dataclass(frozen=True)
class Funnel:
    """A generated funnel; `leads` come in a year, through equal channels; stages are spread over the pools in order."""

    leads: int = 10_000
    channels: int = 4
    pools: int = 2
    stages: int = 4

    def text(self) -> str:
        """The funnel as a scenario file."""
        channels = [
            f"  channel {k}: {{leads: {self.leads / self.channels / 365:.6f} / day, patience: {{median: 6 days}}, "
            f"deal_value: {{median: 9k, p90: 30k}}}}"
            for k in range(self.channels)
        ]
        pools = [
            f"  pool {k}: {{stages: [{', '.join(f'stage {s}' for s in self.stages_of(k))}], reps: {self.reps_of(k)}}}"
            for k in range(self.pools)
        ]
        stages = [
            f"  - {{name: stage {s}, wait: {{mean: 3 days}}, effort: {{mean: 1 hour, cv: 0.6}}, conversion: 60%}}"
            for s in range(self.stages)
        ]
        stages[0] = stages[0].replace("wait: {mean: 3 days}, ", "")
        return "\n".join([
            "title: Growth", "period: {start: 2027-01-01, months: 12, run_in: 0 days}", "channels:", *channels,
            "score: {mean: 50, sd: 20, accuracy: fair}", "qualification: {threshold: 50}", "acceptance: 70%",
            "handoff: {default: {delay: {median: 3 hours}}}", "pools:", *pools, "stages:", *stages, "",
        ])  # fmt: skip

    def stages_of(self, pool: int) -> list[int]:
        """Stages of one pool: a run of them, the runs as long as each other or nearly."""
        first, last = (round(k * self.stages / self.pools) for k in (pool, pool + 1))
        return list(range(first, last))

    def reps_of(self, pool: int) -> int:
        """Reps for which the pool's expected work is `BUSY` of their time: half of the leads qualify, 70% of those are
        accepted (in the first stage's hour), 60% advance at each stage."""
        hours = sum(0.5 * (0.7 * 0.6**s if s else 1.0) for s in self.stages_of(pool))
        return max(1, round(self.leads * hours / (HOURS_A_YEAR * BUSY)))


VARIED: dict[str, tuple[Funnel, ...]] = {
    "leads": tuple(Funnel(leads=n) for n in (1_000, 10_000, 100_000, 1_000_000)),
    "channels": tuple(Funnel(channels=k) for k in (1, 4, 16, 64)),
    "pools": tuple(Funnel(stages=8, pools=k) for k in (1, 2, 4, 8)),
    "stages": tuple(Funnel(stages=k, pools=1) for k in (1, 2, 4, 8, 16)),
}


@dataclass
class Seen:
    """Costs of one variant with one engine: microseconds a lead and a task, by round."""

    a_lead: list[float]
    a_task: list[float]


def plan_of(funnel: Funnel) -> Any:
    """The plan of a generated funnel."""
    from simfunnel.plan import compile_plan, static_calibration
    from simfunnel.scenario import parse

    scenario = parse(funnel.text())
    return compile_plan(scenario, static_calibration(scenario))


def cost(plan: Any, engine: str, replication: int) -> tuple[float, float]:
    """(microseconds a lead, microseconds a task) of one replication."""
    from simfunnel.engine import simulate
    from simfunnel.engine.creation import forget_leads

    forget_leads()
    started = time.process_time()
    ledger = simulate(plan, 1, replication, engine)
    spent = 1e6 * (time.process_time() - started)
    return spent / max(1, len(ledger.leads["id"])), spent / max(1, len(ledger.tasks["lead"]))


def growth_of(name: str, variants: Sequence[Funnel], engines: Sequence[str], rounds: int, most: int) -> str:
    """The table of one thing varied."""
    able = list(dict.fromkeys(replace(funnel, leads=min(funnel.leads, most)) for funnel in variants))
    plans = [plan_of(funnel) for funnel in able]
    seen = {(k, engine): Seen([], []) for k in range(len(able)) for engine in engines}
    for round_ in range(rounds):
        for k, plan in enumerate(plans):
            for engine in engines:
                if able[k].leads > 100_000 and round_ and engine == "simpy":
                    continue  # a minute each: once is enough
                a_lead, a_task = cost(plan, engine, round_)
                seen[k, engine].a_lead.append(a_lead)
                seen[k, engine].a_task.append(a_task)
        say(f"{name}: round {round_ + 1} of {rounds}")
    head = [name, *(f"{engine}, us a {what}" for engine in engines for what in ("lead", "task"))]
    rows = [
        [f"{getattr(funnel, name):,}", *(cell for engine in engines for cell in cells(seen, k, engine))]
        for k, funnel in enumerate(able)
    ]
    return markdown.table(head, rows)


def cells(seen: dict[tuple[int, str], Seen], k: int, engine: str) -> list[str]:
    """Median cost a lead (and by how much it grew from the first variant, by round) and a task."""
    mine, first = seen[k, engine], seen[0, engine]
    return [grown(mine.a_lead, first.a_lead), f"{statistics.median(mine.a_task):.3g}"]


def grown(now: Sequence[float], then: Sequence[float]) -> str:
    """A median, and the median of its ratios to something measured in the same rounds."""
    ratio = statistics.median(a / b for a, b in zip(now, then, strict=False))
    return f"{statistics.median(now):.3g} (x {ratio:.2f})"


def growth_of_levels(engines: Sequence[str], rounds: int, levels: Sequence[int], leads: int) -> str:
    """The table of a work item with more and more plans: simulation, metrics and pairing."""
    from simfunnel.engine.creation import forget_leads
    from simfunnel.metrics import EVERYTHING
    from simfunnel.study.years.calls import Call, measured_pairs, packed, simulate_call, unpacked

    plans = tuple(plan_with_threshold(leads, 50.0 + level) for level in range(max(levels)))
    seen: dict[tuple[int, str], list[float]] = {(many, engine): [] for many in levels for engine in engines}
    for round_ in range(rounds):
        for many in levels:
            for engine in engines:
                forget_leads()
                cases, look = tuple((at, round_) for at in range(many)), partial(measured_pairs, wanted=EVERYTHING)
                call = Call(packed(plans[:many]), cases, 1, engine, look)
                unpacked(call.parcel)
                started = time.process_time()
                simulate_call(call)
                seen[many, engine].append(1e6 * (time.process_time() - started) / (many * leads))
        say(f"levels: round {round_ + 1} of {rounds}")
    rows = []
    for many in levels:
        rows.append([f"{many}", *(grown(seen[many, e], seen[levels[0], e]) for e in engines)])
    return markdown.table(["levels", *(f"{engine}, us a lead and level" for engine in engines)], rows)


def plan_with_threshold(leads: int, threshold: float) -> Any:
    """The plan of the generated funnel with another threshold."""
    from simfunnel.plan import compile_plan, static_calibration
    from simfunnel.scenario import parse

    text = replace(Funnel(), leads=leads).text()
    base = parse(text)
    scenario = parse(text.replace("threshold: 50", f"threshold: {threshold}"))
    return compile_plan(scenario, static_calibration(base))


def main() -> int:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of turns (5)")
    parser.add_argument("--engine", choices=("simpy", "compiled"), help="only this engine")
    parser.add_argument("--most-leads", type=int, default=1_000_000, help="leads of a variant at most (1,000,000)")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {markdown.PAGE.name}")
    options = parser.parse_args()
    if options.rounds < 1 or options.most_leads < 1_000:
        parser.error("at least 1 round and 1,000 leads are needed")
    engines = [name for name in ("simpy", "compiled") if options.engine in (None, name)]
    load = machine.load()
    for engine in engines:
        cost(plan_of(Funnel(leads=1_000)), engine, 0)  # compiled before
    most = options.most_leads
    parts = [growth_of(name, variants, engines, options.rounds, most) for name, variants in VARIED.items()]
    parts.append(growth_of_levels(engines, options.rounds, LEVELS, min(most, 10_000)))
    told = machine.described(("numpy", "numba", "simpy"), started_under=load)
    parts.append(f"Medians of {options.rounds} rounds (`{markdown.command()}`). {told}")
    text = "\n\n".join(parts)
    print(text)
    if options.write:
        markdown.put(PLACE, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
