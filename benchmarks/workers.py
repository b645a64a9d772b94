"""Processes against threads: the same work items on two cores, start-up included and warm.

python benchmarks/workers.py                        b2b.yaml alone, and a sweep of its threshold
python benchmarks/workers.py --items 100 --engine simpy
python benchmarks/workers.py --write                put the table into docs/decisions

A work item is one replication: all plans simulated and measured, pairs compared. Wall-clock seconds: they say something
only on a machine that has nothing else to do, so processor seconds (both rounds of items, all processes) stand beside
them. Every kind of executor is measured in a fresh process per round, in turns: first the items with the executor's
start (processes import and load compiled code; threads find everything in place), then as many again in the same one.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from benchmarks import machine, markdown
from benchmarks.turns import say
from benchmarks.workloads import THRESHOLDS, TODAY, studied, sweep_of_thresholds

PLACE = "workers"
PAGE = ROOT / "docs" / "decisions" / "0009-processes-not-threads.md"
KINDS = ("one process", "processes", "threads")
Seconds = tuple[float, float, float]  # with the executor's start, warm, on the processor


def made(kind: str, workers: int) -> Executor | None:
    """The executor of a kind; None: this process does the work itself."""
    if kind == "one process":
        return None
    if kind == "threads":
        return ThreadPoolExecutor(workers)
    from simfunnel.app.jobs import LocalProcesses

    return LocalProcesses(workers)


def seconds_of(kind: str, levels: int, items: int, engine: str, workers: int, tiny: bool) -> Seconds:
    """Seconds of `items` work items with `levels` plans each, done by an executor of a kind; twice, see `Seconds`."""
    from simfunnel.metrics import EVERYTHING
    from simfunnel.plan import compile_plan, static_calibration
    from simfunnel.scenario import phases_of
    from simfunnel.study.years.calls import Call, measured_pairs, packed, run_calls, simulate_call

    scenario, names = sweep_of_thresholds(THRESHOLDS[-levels:], tiny) if levels > 1 else (studied(tiny), [])
    calibration = static_calibration(scenario)
    specs = [phases_of(scenario, each) for each in [[], *([name] for name in names)]]
    plans = tuple(compile_plan(spec, calibration) for spec in specs)
    parcel, look = packed(plans), partial(measured_pairs, wanted=EVERYTHING)
    simulate_call(Call(packed([plans[0]] * 2), ((0, 0), (1, 0)), 1, engine, look))  # compiled before, as a command does
    executor = None

    def all_items(first: int) -> float:
        started = time.perf_counter()
        nonlocal executor
        executor = executor or made(kind, workers)
        numbers = range(first, first + items)
        calls = [Call(parcel, tuple((at, k) for at in range(len(plans))), 1, engine, look) for k in numbers]
        run_calls(simulate_call, calls, executor=executor, workers=workers)
        return time.perf_counter() - started

    before = processor_seconds()
    cold, warm = all_items(0), all_items(items)
    if executor is not None:
        executor.shutdown()
    return cold, warm, processor_seconds() - before


def processor_seconds() -> float:
    """Seconds on the processor of this process and of the children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def turn(kind: str, levels: int, options: argparse.Namespace) -> Seconds:
    """The measurement of one kind in a fresh process."""
    items = options.items if levels == 1 else options.sweep_items
    words = ["--worker", kind, "--levels", str(levels), "--items", str(items), "--engine", options.engine]
    words += ["--workers", str(options.workers), *(["--tiny"] if options.tiny else [])]
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{kind} failed:\n{done.stderr[-2000:]}")
    cold, warm, used = json.loads(done.stdout.splitlines()[-1])
    return cold, warm, used


def table(levels: tuple[int, ...], options: argparse.Namespace, measured: Callable[..., Seconds]) -> str:
    """Seconds of every kind at every number of plans, medians over the rounds."""
    seen: dict[tuple[str, int], list[Seconds]] = {(kind, many): [] for kind in KINDS for many in levels}
    for k in range(options.rounds):
        for many in levels:
            for kind in KINDS[:: 1 if k % 2 == 0 else -1]:
                seen[kind, many].append(measured(kind, many, options))
                cold, warm, _ = seen[kind, many][-1]
                say(f"round {k + 1} of {options.rounds}, {many} plans, {kind}: {cold:.2f} s, warm {warm:.2f} s")
    head = ["", "with its start, s", "warm, s", "warm, times one process", "on the processor, s"]
    rows = []
    for kind, many in sorted(seen, key=lambda each: each[1]):
        one, mine = seen[KINDS[0], many], seen[kind, many]
        gain = statistics.median(base[1] / each[1] for base, each in zip(one, mine, strict=True))
        start, warm, used = (statistics.median(each[place] for each in mine) for place in range(3))
        name = kind if kind == KINDS[0] else f"{options.workers} {kind}"
        plans = "1 plan" if many == 1 else f"{many} plans"
        rows.append([f"{plans}, {name}", f"{start:.2f}", f"{warm:.2f}", f"{gain:.2f}", f"{used:.2f}"])
    return markdown.table(head, rows)


def main() -> int:
    """Parse the options; be the worker or the one who compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=50, help="replications of one plan (50)")
    parser.add_argument("--sweep-items", type=int, default=10, help="replications of the sweep (10)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of turns (3)")
    parser.add_argument("--workers", type=int, default=2, help="workers (2)")
    parser.add_argument("--engine", default="auto", choices=("auto", "simpy", "compiled"), help="engine (auto)")
    parser.add_argument("--tiny", action="store_true", help="smallest sizes: does it run?")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--worker", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--levels", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if min(options.items, options.sweep_items, options.rounds, options.workers) < 1:
        parser.error("at least 1 item, 1 round and 1 worker are needed")
    if options.worker:
        print(json.dumps(seconds_of(
            options.worker, options.levels, options.items, options.engine, options.workers, options.tiny
        )))  # fmt: skip
        return 0
    load = machine.load()
    levels = (1, 2) if options.tiny else (1, len(THRESHOLDS))
    told = machine.described(("numpy", "numba"), started_under=load)
    text = (
        f"{table(levels, options, turn)}\n\n"
        f"{options.items} replications of b2b.yaml with its threshold at {TODAY}, and {options.sweep_items} with "
        f"{levels[-1]} thresholds each. Medians of {options.rounds} rounds (`{markdown.command()}`). {told}"
    )
    print(text)
    if options.write:
        markdown.put(PLACE, text, PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
