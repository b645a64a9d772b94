"""The benchmark's workload as a bare C loop (`loop.c`): what this machine can do with a heap and nothing else.

python benchmarks/c_loop.py                     speed, and whether its means are those of plain SimPy
python benchmarks/c_loop.py --n 100000 --replications 10

Built with gcc, clang or cc (the first that is found; $CC before them) into a temporary folder and called in this
process. Needs no root, writes nothing else.
"""

from __future__ import annotations

import argparse
import atexit
import ctypes
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks import idiomatic

SOURCE = Path(__file__).with_name("loop.c")
FLAGS = ("-O3", "-fno-math-errno", "-march=native", "-std=c11", "-shared", "-fPIC")
MUST_AGREE = ("leads", "mqls", "tasks", "wins", "went_cold", "revenue")
WIDEST_Z = 3.5  # chance of a single false alarm among six means: about 0.3%


class Lognormal(ctypes.Structure):
    """`lognormal` of loop.c."""

    _fields_ = [("mu", ctypes.c_double), ("sigma", ctypes.c_double)]


class Channel(ctypes.Structure):
    """`channel` of loop.c."""

    _fields_ = [("rate", ctypes.c_double), ("handoff", ctypes.c_double), ("reps", ctypes.c_int64)]


NUMBERS = (
    "hours", "score_mean", "score_sd", "lift_mean", "lift_sd", "threshold", "patience", "odds_middle", "odds_scale",
    "win_rate",
)  # fmt: skip
LOGNORMALS = ("nurture", "call", "thinking", "meeting", "deal")


class Workload(ctypes.Structure):
    """`workload` of loop.c."""

    _fields_ = [
        *((name, ctypes.c_double) for name in NUMBERS),
        *((name, Lognormal) for name in LOGNORMALS),
        ("channels", Channel * 3),
    ]


COUNTED = ("leads", "mqls", "went_cold", "calls", "meetings", "wins", "revenue", "waited", "busy", "events")


class Counts(ctypes.Structure):
    """`counts` of loop.c."""

    _fields_ = [(name, ctypes.c_double) for name in COUNTED]


def compiler() -> str | None:
    """The C compiler's command, None when there is none."""
    wanted = [os.environ.get("CC", ""), "gcc", "clang", "cc"]
    return next((found for name in wanted if name and (found := shutil.which(name))), None)


@cache
def library() -> Any:
    """The loop, built and loaded; raises SystemExit with what the compiler said when it cannot be built."""
    command = compiler()
    if command is None:
        raise SystemExit("no C compiler (gcc, clang or cc) was found")
    folder = tempfile.mkdtemp(prefix="loop-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    built = Path(folder) / "loop.so"
    said = subprocess.run(
        [command, *FLAGS, "-o", str(built), str(SOURCE), "-lm"], capture_output=True, text=True, check=False
    )
    if said.returncode:
        raise SystemExit(f"{command} could not build {SOURCE.name}:\n{said.stderr[-2000:]}")
    loop = ctypes.CDLL(str(built))
    loop.simulate.argtypes = [
        ctypes.POINTER(Workload), ctypes.c_uint64, ctypes.c_int64, ctypes.POINTER(Counts),
    ]  # fmt: skip
    loop.simulate.restype = ctypes.c_int
    return loop


def workload(n: int) -> Workload:
    """The numbers of idiomatic.py for about `n` leads."""
    of = Workload(
        hours=idiomatic.HOURS, score_mean=idiomatic.SCORE[0], score_sd=idiomatic.SCORE[1], lift_mean=idiomatic.LIFT[0],
        lift_sd=idiomatic.LIFT[1], threshold=idiomatic.THRESHOLD, patience=idiomatic.PATIENCE,
        odds_middle=idiomatic.ODDS[0], odds_scale=idiomatic.ODDS[1], win_rate=idiomatic.WIN_RATE,
        nurture=Lognormal(*idiomatic.NURTURE), call=Lognormal(*idiomatic.CALL),
        thinking=Lognormal(*idiomatic.THINKING), meeting=Lognormal(*idiomatic.MEETING), deal=Lognormal(*idiomatic.DEAL),
    )  # fmt: skip
    for place, one in enumerate(idiomatic.CHANNELS.values()):
        of.channels[place] = Channel(one.share * n / idiomatic.HOURS, one.handoff, idiomatic.reps_at(n, one))
    return of


def run(n: int, seed: int) -> dict[str, float]:
    """Counts of one replication with about `n` leads, like idiomatic.run, and how many events it took."""
    loop, of, counted = library(), workload(n), Counts()
    if loop.simulate(ctypes.byref(of), seed, n, ctypes.byref(counted)):
        raise MemoryError(f"{n:,} leads do not fit into memory")
    found = {name: getattr(counted, name) for name in COUNTED}
    return {**found, "tasks": found["calls"] + found["meetings"]}


def timed(what: Any, n: int, seeds: range) -> tuple[list[dict[str, float]], list[float]]:
    """(counts, seconds of processor time) of one replication per seed."""
    outs, seconds = [], []
    for seed in seeds:
        started = time.process_time()
        outs.append(what.run(n, seed))
        seconds.append(time.process_time() - started)
    return outs, seconds


def z_of(mine: list[float], theirs: list[float]) -> float:
    """By how many standard errors two means are apart."""
    error = math.sqrt((statistics.variance(mine) + statistics.variance(theirs)) / len(mine))
    apart = statistics.mean(mine) - statistics.mean(theirs)
    return apart / error if error else 0.0 if not apart else math.inf


def main() -> int:
    """Time both, and compare their means; 1 when a mean is further off than chance explains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=10_000, help="leads (10,000)")
    parser.add_argument("--replications", type=int, default=50, help="replications (50)")
    options = parser.parse_args()
    if options.n < 1 or options.replications < 2:
        parser.error("at least 1 lead and 2 replications are needed")
    library()
    seeds = range(1, 1 + options.replications)
    mine, fast = timed(sys.modules[__name__], options.n, seeds)
    theirs, slow = timed(idiomatic, options.n, seeds)
    print(f"{options.n:,} leads, {options.replications} replications, medians of processor time")
    for name, seconds, outs in (("C loop", fast, mine), ("plain SimPy", slow, theirs)):
        each = statistics.median(seconds)
        print(f"  {name:12}{1e3 * each:10.3f} ms{statistics.mean(out['leads'] for out in outs) / each:14,.0f} leads/s")
    print(f"  ratio {statistics.median(slow) / statistics.median(fast):.1f}, "
          f"{statistics.mean(out['events'] / out['leads'] for out in mine):.2f} events a lead in C")  # fmt: skip
    far = [name for name in MUST_AGREE if not agrees(name, mine, theirs)]
    return 1 if far else 0


def agrees(name: str, mine: list[dict[str, float]], theirs: list[dict[str, float]]) -> bool:
    """Print both means of one count, and say whether they are within what chance explains."""
    a, b = [out[name] for out in mine], [out[name] for out in theirs]
    z = z_of(a, b)
    print(f"  {name:12}{statistics.mean(a):16,.1f}{statistics.mean(b):16,.1f}   z {z:+.2f}")
    return abs(z) <= WIDEST_Z


if __name__ == "__main__":
    sys.exit(main())
