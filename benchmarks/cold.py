"""How long the first answer takes: a fresh process with a filled cache, with an empty one, and a help text.

python benchmarks/cold.py                  all three
python benchmarks/cold.py --write          put the table into docs/background/performance.md

Every command is a process of its own, from its start to its end; in turns, medians, wall-clock seconds (on a machine
that is shared, processor seconds beside them say what others took). `import numba, scipy` is timed in the same turns:
what a run takes beyond it is this project's own.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from benchmarks import machine, markdown
from benchmarks.turns import say

PLACE = "cold"
MOST_BEYOND, MOST_COMPILING, MOST_HELP = 2.5, 60.0, 0.5  # seconds of the wall clock
TINY = "scenarios/minimal.yaml"
IMPORTS = [sys.executable, "-c", "import numba, scipy"]
HELP = [sys.executable, "cli.py", "--help"]
CHECK_HELP = """
import sys
from simfunnel.app.cli import main
sys.argv = ["simfunnel", "--help"]
try:
    main()
except SystemExit:
    pass
print(*(name for name in ("numba", "scipy") if name in sys.modules), file=sys.stderr)
"""
Seconds = tuple[float, float]  # wall clock, processor


def run_command(engine: str) -> list[str]:
    """`simfunnel run` of a tiny scenario: one replication in one process."""
    words = ["run", TINY, "--replications", "1", "--workers", "1", "--engine", engine]
    return [sys.executable, "cli.py", *words]


def seconds_of(command: Sequence[str], extra: Mapping[str, str] | None = None) -> Seconds:
    """(wall clock, processor) seconds of a process; raises SystemExit with its last words when it fails."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **(extra or {})}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def in_turns(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Seconds]]:
    """Every command in every round, after one round that is not counted and fills caches."""
    found: dict[str, list[Seconds]] = {name: [] for name in commands}
    for k in range(rounds + 1):
        for name, command in commands.items():
            seconds = seconds_of(command)
            if k:
                found[name].append(seconds)
                say(f"round {k} of {rounds}, {name}: {seconds[0]:.2f} s")
    return found


def first_compilation(engine: str) -> Seconds:
    """The run with an empty cache folder."""
    with tempfile.TemporaryDirectory() as folder:
        return seconds_of(run_command(engine), {"NUMBA_CACHE_DIR": folder})


def loaded_by_help() -> str:
    """Which of numba and scipy the help text loads; empty when neither."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK_HELP], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return done.stderr.strip()


def shown(seconds: Sequence[Seconds]) -> list[str]:
    """Median (range) of the wall clock, median of the processor's seconds."""
    return [markdown.spread([wall for wall, _ in seconds]), f"{statistics.median(used for _, used in seconds):.2f}"]


def middle(seconds: Sequence[Seconds]) -> float:
    """Median of the wall clock."""
    return statistics.median(wall for wall, _ in seconds)


def within(what: str, seconds: float, most: float) -> tuple[str, str, bool]:
    """A goal for `markdown.goals`: something takes less than so many seconds."""
    return f"{what} in less than {most:g} s", f"{seconds:.2f} s", seconds < most


def main() -> int:
    """Parse the options, measure, print; 1 when the help text loads what it should not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of turns (7)")
    parser.add_argument("--engine", default="auto", choices=("auto", "simpy", "compiled"), help="engine (auto)")
    parser.add_argument("--without-compilation", action="store_true", help="leave out the run with an empty cache")
    parser.add_argument("--write", action="store_true", help=f"put the table into {markdown.PAGE.name}")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("at least 1 round is needed")
    load = machine.load()
    names = ("`import numba, scipy`", f"`simfunnel run {TINY} --replications 1`, filled cache", "`simfunnel --help`")
    found = in_turns(dict(zip(names, (IMPORTS, run_command(options.engine), HELP), strict=True)), options.rounds)
    beyond = [(run[0] - base[0], run[1] - base[1]) for run, base in zip(found[names[1]], found[names[0]], strict=True)]
    rows = [[name, *shown(found[name])] for name in names[:2]]
    rows.append(["the run beyond the imports", *shown(beyond)])
    if not options.without_compilation:
        empty = first_compilation(options.engine)
        rows.append(["the same run, empty cache: everything is compiled", *shown([empty])])
    rows.append([names[2], *shown(found[names[2]])])
    loads, help_ = loaded_by_help(), middle(found[names[2]])
    held = [within("a run with a filled cache, beyond the imports,", middle(beyond), MOST_BEYOND)]
    held += (
        [] if options.without_compilation else [within("the first run, with an empty cache,", empty[0], MOST_COMPILING)]
    )
    held += [within("the help text", help_, MOST_HELP)]
    told = machine.described(("numpy", "numba", "scipy"), started_under=load)
    text = (
        f"{markdown.table(['', 'seconds', 'of these on the processor'], rows)}\n\n{markdown.goals(held)}\n\n"
        f"The help text loads {loads or 'neither numba nor scipy'}. Medians of {options.rounds} rounds, with "
        f"their range (`{markdown.command()}`). {told}"
    )
    print(text)
    if options.write:
        markdown.put(PLACE, text)
    return 1 if loads else 0


if __name__ == "__main__":
    sys.exit(main())
