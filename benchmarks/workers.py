"""Processes against threads: the same work items on two cores, start-up included and warm.

python benchmarks/workers.py                        b2b.yaml alone, and a sweep of its threshold
python benchmarks/workers.py --items 100 --engine simpy
python benchmarks/workers.py --write                put the table into docs/decisions

A work item is one replication: all plans simulated and measured, pairs compared. Wall-clock seconds. Every kind of
executor is measured in a fresh process per round, in turns: first the items with the executor's start (processes
import and load compiled code; threads find everything in place), then the same number again in the same executor.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from benchmarks import machine, markdown
from benchmarks.players import engine_works
from benchmarks.turns import say
from benchmarks.workloads import THRESHOLDS, TODAY, studied, sweep_of_thresholds

PLACE = "workers"
PAGE = ROOT / "docs" / "decisions" / "0009-processes-not-threads.md"
KINDS = ("one process", "processes", "threads")


def made(kind: str, workers: int) -> Executor | None:
    """The executor of a kind; None: this process does the work itself."""
    if kind == "one process":
        return None
    if kind == "threads":
        return ThreadPoolExecutor(workers)
    from simfunnel.app.jobs import LocalProcesses

    return LocalProcesses(workers)


def seconds_of(kind: str, levels: int, items: int, engine: str, workers: int, tiny: bool) -> tuple[float, float]:
    """(with the executor's start, warm) seconds of `items` work items with `levels` plans each, in this process."""
    from simfunnel.plan import compile_plan, static_calibration
    from simfunnel.scenario import phases_of
    from simfunnel.study.items import Item, simulate_item
    from simfunnel.study.tasks import run_tasks

    scenario, names = sweep_of_thresholds(THRESHOLDS[-levels:], tiny) if levels > 1 else (studied(tiny), [])
    calibration = static_calibration(scenario)
    specs = [phases_of(scenario, each) for each in [[], *([name] for name in names)]]
    plans = tuple(compile_plan(spec, calibration) for spec in specs)
    simulate_item(Item((plans[0], plans[0]), 1, 0, engine))  # compiled before, as a command does
    executor = None

    def all_items(first: int) -> float:
        started = time.perf_counter()
        nonlocal executor
        executor = executor or made(kind, workers)
        tasks = [Item(plans, 1, first + k, engine) for k in range(items)]
        run_tasks(simulate_item, tasks, executor=executor, workers=workers)
        return time.perf_counter() - started

    cold, warm = all_items(0), all_items(items)
    if executor is not None:
        executor.shutdown()
    return cold, warm


def turn(kind: str, levels: int, options: argparse.Namespace) -> tuple[float, float]:
    """The measurement of one kind in a fresh process."""
    words = ["--worker", kind, "--levels", str(levels), "--items", str(options.items), "--engine", options.engine]
    words += ["--workers", str(options.workers), *(["--tiny"] if options.tiny else [])]
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{kind} failed:\n{done.stderr[-2000:]}")
    cold, warm = json.loads(done.stdout.splitlines()[-1])
    return cold, warm


def table(levels: tuple[int, ...], options: argparse.Namespace, measured: Callable[..., tuple[float, float]]) -> str:
    """Seconds of every kind at every number of plans, medians over the rounds."""
    seen: dict[tuple[str, int], list[tuple[float, float]]] = {(kind, many): [] for kind in KINDS for many in levels}
    for k in range(options.rounds):
        for many in levels:
            for kind in KINDS[:: 1 if k % 2 == 0 else -1]:
                seen[kind, many].append(measured(kind, many, options))
                cold, warm = seen[kind, many][-1]
                say(f"round {k + 1} of {options.rounds}, {many} plans, {kind}: {cold:.2f} s, warm {warm:.2f} s")
    head = [""]
    for many in levels:
        plans = "1 plan" if many == 1 else f"{many} plans"
        head += [f"{plans}, with start, s", f"{plans}, warm, s", "gain warm"]
    rows = []
    for kind in KINDS:
        row = [kind if kind == KINDS[0] else f"{options.workers} {kind}"]
        for many in levels:
            one, mine = seen[KINDS[0], many], seen[kind, many]
            gain = statistics.median(base[1] / each[1] for base, each in zip(one, mine, strict=True))
            row += [f"{statistics.median(each[place] for each in mine):.2f}" for place in (0, 1)] + [f"{gain:.2f}"]
        rows.append(row)
    return markdown.table(head, rows)


def main() -> int:
    """Parse the options; be the worker or the one who compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=50, help="replications (50)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of turns (3)")
    parser.add_argument("--workers", type=int, default=2, help="workers (2)")
    parser.add_argument("--engine", default="auto", choices=("auto", "simpy", "compiled"), help="engine (auto)")
    parser.add_argument("--tiny", action="store_true", help="smallest sizes: does it run?")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--worker", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--levels", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if min(options.items, options.rounds, options.workers) < 1:
        parser.error("at least 1 item, 1 round and 1 worker are needed")
    if not engine_works(options.engine):
        raise SystemExit(f"this version has no engine called {options.engine}")
    if options.worker:
        print(json.dumps(seconds_of(
            options.worker, options.levels, options.items, options.engine, options.workers, options.tiny
        )))  # fmt: skip
        return 0
    load = machine.load()
    levels = (1, 2) if options.tiny else (1, len(THRESHOLDS))
    text = (
        f"{table(levels, options, turn)}\n\n{options.items} replications of b2b.yaml; its threshold at {TODAY}, and at "
        f"{levels[-1]} values. Medians of {options.rounds} rounds (`python benchmarks/workers.py`). "
        f"{machine.described(('numpy', 'numba'), started_under=load)}"
    )
    print(text)
    if options.write:
        markdown.put(PLACE, text, PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
