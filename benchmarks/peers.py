"""This engine beside plain SimPy on one workload, in turns, each measurement in a process of its own.

python benchmarks/peers.py                      speed at 10,000 leads, agreement of means, memory
python benchmarks/peers.py --n 1000 --rounds 9  another size, more rounds
python benchmarks/peers.py --million            also 1,000,000 leads: growth of the cost of a lead, memory
python benchmarks/peers.py --reference FILE     also time `run(n, seed)` of another module, in the same turns

Seconds are processor time (nobody here waits for anything), and ratios are taken round by round, so that the machine's
mood hits both alike; quote ratios, not milliseconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
SCENARIO = HERE / "funnel_bench.yaml"
DAYS = 60
SHARES = {"web": (0.5, 4), "event": (0.25, 2), "partner": (0.25, 2)}  # share of the leads, reps at 10,000
COMPARED = ("leads", "mqls", "tasks", "calls", "meetings", "went_cold", "wins", "revenue")
MUST_AGREE = ("leads", "mqls", "tasks")
BAR = {"agreement": 0.02, "bytes": 400.0}
Run = Callable[[int, int], dict[str, float]]


# --- what is measured, in a process of its own -----------------------------------------------------------------------


def engine() -> Run:
    """`run(n, seed)` of this project: the plan is compiled once per size, outside of what is timed."""
    sys.path.insert(0, str(HERE.parent))
    from simfunnel.engine import simulate
    from simfunnel.plan import Plan, compile_plan, static_calibration
    from simfunnel.scenario import load

    plans: dict[int, Plan] = {}

    def run(n: int, seed: int) -> dict[str, float]:
        if n not in plans:
            scenario = load(str(SCENARIO), sets=size(n))
            plans[n] = compile_plan(scenario, static_calibration(scenario))
        started = time.process_time()
        ledger = simulate(plans[n], 1, seed)
        return {**counts(ledger), "seconds": time.process_time() - started}

    return run


def size(n: int) -> list[str]:
    """The overrides that scale the workload to about `n` leads, reps with them."""
    leads = [f"channels.{name}.leads={share * n / DAYS:.9f} / day" for name, (share, _) in SHARES.items()]
    reps = [f"pools.{name}.reps={max(1, round(of * n / 10_000))}" for name, (_, of) in SHARES.items()]
    return leads + reps


def counts(ledger: Any) -> dict[str, float]:
    """What plain SimPy counts too, from a ledger."""
    import numpy as np

    from simfunnel.ledger.columns import WENT_COLD, WON

    begun = ~np.isnan(ledger.tasks["started"])
    outcome, stage = ledger.leads["outcome"], ledger.tasks["stage"]
    return {
        "leads": len(outcome),
        "mqls": len(ledger.passes["lead"]),
        "tasks": int(begun.sum()),
        "calls": int((begun & (stage == 0)).sum()),
        "meetings": int((begun & (stage == 1)).sum()),
        "went_cold": int((outcome == WENT_COLD).sum()),
        "wins": int((outcome == WON).sum()),
        "revenue": float(ledger.leads["value"][outcome == WON].sum()),
    }


def plain(file: Path) -> Run:
    """`run(n, seed)` of a module in plain SimPy, with the time it took."""
    sys.path[:0] = [str(file.parent), str(file.parent.parent)]
    module = loaded(file)

    def run(n: int, seed: int) -> dict[str, float]:
        started = time.process_time()
        counted: dict[str, float] = module.run(n, seed)
        return {**counted, "seconds": time.process_time() - started}

    return run


def loaded(file: Path) -> ModuleType:
    """The module in a file."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def memory() -> tuple[float, float]:
    """(now, peak) bytes of this process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    status = Path("/proc/self/status")
    if not status.exists():
        return float(peak), float(peak)
    sizes = {line.split(":")[0]: line.split()[1] for line in status.read_text().splitlines() if line.startswith("Vm")}
    return 1024 * float(sizes["VmRSS"]), 1024 * float(sizes["VmHWM"])


def forget_the_peak() -> None:
    """Start the peak anew from here, where the system can (Linux), so that compiling does not hide the run's own."""
    reset = Path("/proc/self/clear_refs")
    if reset.exists():
        reset.write_text("5")


def measure(who: str, n: int, seed: int, repeat: int) -> None:
    """Worker: `repeat` replications, their counts, seconds and memory as one line of JSON."""
    run = engine() if who == "simfunnel" else plain(Path(who))
    run(100, 0)  # imports, compilation and first calls are not what is compared
    if who == "simfunnel":
        run(n, 0) if n <= 10_000 else None
    forget_the_peak()
    before, _ = memory()
    outs = [run(n, seed + k) for k in range(repeat)]
    _, peak = memory()
    print(json.dumps({"outs": outs, "bytes": peak - before}))


# --- turns -----------------------------------------------------------------------------------------------------------


def turn(who: str, n: int, seed: int, repeat: int) -> dict[str, Any]:
    """One measurement in a fresh process."""
    words = [sys.executable, __file__, "--worker", who, "--n", str(n), "--seed", str(seed), "--repeat", str(repeat)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{who} failed at n = {n:,}:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    result["seconds"] = statistics.median(out["seconds"] for out in result["outs"])
    result["leads"] = statistics.mean(out["leads"] for out in result["outs"])
    return result


def in_turns(players: dict[str, str], n: int, rounds: int) -> dict[str, list[dict[str, Any]]]:
    """`rounds` rounds in which every player is measured once, the order turned round by round."""
    repeat = max(1, min(20, 50_000 // n))
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in players}
    for k in range(rounds):
        for name in list(players)[:: 1 if k % 2 == 0 else -1]:
            found[name].append(turn(players[name], n, 1 + 100 * k, repeat))
            print(f"  n={n:,} round {k + 1} {name}: {found[name][-1]['seconds']:.4f} s", file=sys.stderr, flush=True)
    return found


def cost(measured: list[dict[str, Any]]) -> float:
    """Microseconds per lead, median of the rounds."""
    return 1e6 * statistics.median(each["seconds"] / each["leads"] for each in measured)


def show_speed(found: dict[str, list[dict[str, Any]]], n: int) -> None:
    """Leads per second and ratios to plain SimPy, round by round."""
    print(f"\nSpeed at {n:,} leads, {len(found['plain SimPy'])} rounds in turns")
    print(f"{'':14}{'ms':>10}{'leads/s':>12}{'us/lead':>9}{'x plain SimPy':>15}   rounds")
    for name, measured in found.items():
        ratios = [
            (base["seconds"] / base["leads"]) / (each["seconds"] / each["leads"])
            for base, each in zip(found["plain SimPy"], measured, strict=True)
        ]
        seconds = statistics.median(each["seconds"] for each in measured)
        print(
            f"{name:14}{1e3 * seconds:10.1f}{1e6 / cost(measured):12,.0f}{cost(measured):9.1f}"
            f"{statistics.median(ratios):15.2f}   {' '.join(f'{ratio:.2f}' for ratio in ratios)}"
        )


def show_memory(found: dict[str, list[dict[str, Any]]], n: int) -> None:
    """Peak memory beyond the start, per lead."""
    print(f"\nPeak memory beyond the start at {n:,} leads, bytes a lead (bar: {BAR['bytes']:.0f})")
    for name, measured in found.items():
        print(f"{name:14}{statistics.median(each['bytes'] / each['leads'] for each in measured):8,.0f}")


def show_agreement(n: int, replications: int) -> bool:
    """Means over replications beside each other; whether those that must agree do."""
    both = {"simfunnel": turn("simfunnel", n, 1, replications)["outs"]}
    both["plain"] = turn(str(HERE / "idiomatic.py"), n, 1, replications)["outs"]
    print(f"\nMeans of {replications} replications at {n:,} leads (bar: {', '.join(MUST_AGREE)} within 2%)")
    print(f"{'':12}{'simfunnel':>14}{'plain SimPy':>14}{'apart':>9}{'+/-':>8}")
    agreed = True
    for name in COMPARED:
        mine, theirs = ([out[name] for out in both[who]] for who in ("simfunnel", "plain"))
        base = statistics.mean(theirs)
        apart = statistics.mean(mine) / base - 1
        error = 2 * math.hypot(statistics.stdev(mine), statistics.stdev(theirs)) / math.sqrt(replications) / base
        agreed &= name not in MUST_AGREE or abs(apart) <= BAR["agreement"]
        print(f"{name:12}{statistics.mean(mine):14,.1f}{base:14,.1f}{apart:+9.2%}{error:8.2%}")
    return agreed


def compared(options: argparse.Namespace) -> int:
    """All measurements that were asked for; 1 when means that must agree do not."""
    players = {"plain SimPy": str(HERE / "idiomatic.py"), "simfunnel": "simfunnel"}
    if options.reference:
        players["reference"] = str(Path(options.reference).resolve())
    small = in_turns(players, options.n, options.rounds)
    show_speed(small, options.n)
    agreed = show_agreement(options.n, options.agree)
    if options.million:
        large = in_turns({name: who for name, who in players.items() if name != "reference"}, 1_000_000, 1)
        show_speed(large, 1_000_000)
        show_memory(large, 1_000_000)
        print(f"\nGrowth of the cost of a lead from {options.n:,} to 1,000,000 leads")
        for name, measured in large.items():
            print(f"{name:14}{cost(measured) / cost(small[name]):8.2f}")
    else:
        show_memory(in_turns(players, 100_000, 1), 100_000)
    return 0 if agreed else 1


def main() -> int:
    """Parse the options; be the worker or the one who compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=10_000, help="leads (10,000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of turns (5)")
    parser.add_argument("--agree", type=int, default=20, help="replications for the agreement of means (20)")
    parser.add_argument("--million", action="store_true", help="also 1,000,000 leads")
    parser.add_argument("--reference", metavar="FILE", help="another module with run(n, seed), timed in the same turns")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--repeat", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        measure(options.worker, options.n, options.seed, options.repeat)
        return 0
    return compared(options)


if __name__ == "__main__":
    sys.exit(main())
