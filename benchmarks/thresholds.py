"""How long 17 thresholds of b2b.yaml take in processes that are warm.

python benchmarks/thresholds.py                     50 replications of each threshold, and a whole sweep
python benchmarks/thresholds.py --write             put the table into docs/background/performance.md

Wall-clock seconds from the scenario to the result: calibration is found in its cache, as it is from the second study of
a scenario on, and the processes have simulated and measured before. All three in turns, medians.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks import machine, markdown
from benchmarks.turns import say
from benchmarks.workloads import THRESHOLDS, TODAY, studied, sweep_of_thresholds

PLACE = "thresholds"
MOST = 20.0  # seconds
Study = Callable[[int], int]  # does at most so many replications of each threshold; how many it did in all


def studies(thresholds: tuple[int, ...], executor: Executor | None, workers: int, tiny: bool) -> dict[str, Study]:
    """What is timed, by name."""
    import simfunnel as sf
    from simfunnel.study.sweep.study import usual_objective
    from simfunnel.study.years.table import levels
    from simfunnel.study.years.work import Work

    scenario, names = sweep_of_thresholds(thresholds, tiny)
    alone = studied(tiny)
    objective = usual_objective(alone)

    def compared(replications: int) -> int:
        found = sf.compare(scenario, names, replications=replications, executor=executor, workers=workers)
        return found.replications * len(thresholds)

    def all_levels(replications: int) -> int:
        changes = [{"qualification.threshold": each} if each != TODAY else {} for each in thresholds]
        at = levels(alone, changes, wanted=((objective, ""),), work=Work(executor, workers))
        at.extend(replications)
        return at.common * len(thresholds)

    def swept(replications: int) -> int:
        lever = f"qualification.threshold={thresholds[0]}:{thresholds[-1]}:{thresholds[1] - thresholds[0]}"
        found = sf.sweep(
            alone,
            [lever],
            replications="auto" if replications > 2 else replications,
            executor=executor,
            workers=workers,
        )
        return found.total_replications

    return {
        "`compare`: every metric, lead by lead": compared,
        f"`study.levels`: {objective}": all_levels,
        f"`sweep`: the search for the best {objective}, the best on fresh seeds, other scores": swept,
    }


def table(timed: dict[str, Study], replications: int, rounds: int) -> tuple[str, dict[str, float]]:
    """The table, and the median seconds of every study."""
    seen: dict[str, list[float]] = {name: [] for name in timed}
    simulated = {name: study(2) for name, study in timed.items()}  # nothing is started or compiled later
    for k in range(rounds):
        for name, study in timed.items():
            started = time.perf_counter()
            simulated[name] = study(replications)
            seen[name].append(time.perf_counter() - started)
            say(f"round {k + 1} of {rounds}, {name}: {seen[name][-1]:.2f} s")
    rows = [[name, f"{simulated[name]:,}", markdown.spread(seconds)] for name, seconds in seen.items()]
    return markdown.table(["", "replications", "seconds"], rows), {
        name: statistics.median(seconds) for name, seconds in seen.items()
    }


def main() -> int:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=50, help="replications of each threshold (50)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of turns (3)")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--tiny", action="store_true", help="smallest sizes: does it run?")
    parser.add_argument("--write", action="store_true", help=f"put the table into {markdown.PAGE.name}")
    options = parser.parse_args()
    if options.replications < 2 or min(options.rounds, options.workers) < 1:
        parser.error("at least 2 replications, 1 round and 1 process are needed")
    from simfunnel.app.jobs import LocalProcesses

    load, executor = machine.load(), LocalProcesses(options.workers)
    thresholds = (TODAY - 2, TODAY) if options.tiny else THRESHOLDS
    try:
        timed = studies(thresholds, executor, options.workers, options.tiny)
        shown, seconds = table(timed, options.replications, options.rounds)
    finally:
        executor.shutdown()
    what = f"{len(thresholds)} thresholds of {options.replications} replications"
    held = [
        (f"{what}, {name}, in less than {MOST:g} s", f"{found:.1f} s", found < MOST) for name, found in seconds.items()
    ]
    text = (
        f"{shown}\n\n{markdown.goals(held)}\n\n"
        f"{options.workers} processes, medians of {options.rounds} rounds, with their range (`{markdown.command()}`). "
        f"{machine.described(('numpy', 'numba'), started_under=load)}"
    )
    print(text)
    if options.write:
        markdown.put(PLACE, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
