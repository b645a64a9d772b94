"""What simfunnel writes, as hashes in frozen.json: a change that is to move no number proves it by them.

python -m tests.frozen                     make all of it anew and name what differs
python -m tests.frozen ledger screen/run   only what begins so
python -m tests.frozen --write             freeze what is written now; the commit says why it moved

Frozen are the ledgers, by both engines, of the shipped scenarios under each of their what-ifs and of random scenarios;
the constants that calibration solves; the JSON and the screens of every command on three scenarios.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from simfunnel import engine
from simfunnel.app.cli import main as command_line
from simfunnel.ledger.columns import TABLES
from simfunnel.plan import Calibration, Plan, compile_plan
from simfunnel.scenario import Scenario, load, phases_of
from simfunnel.study.calibrate.calibrate import calibrate
from simfunnel.verify.random import RandomScenario, random_scenario

ROOT = Path(__file__).parents[1]
FROZEN = Path(__file__).with_name("frozen.json")
FOLDER = ROOT / "scenarios"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))
SEEDS = (1, 2, 3)
RANDOM = 300
BUNDLE = 10  # random scenarios under one hash
YEARS = ("--replications", "6")

COMMANDS: dict[str, tuple[str, ...]] = {
    "run": YEARS,
    "sensitivity": YEARS,
    "sla": YEARS,
    "check": YEARS,
    "bridge": YEARS,
    "target": ("--revenue", "2M", "--confidence", "50%", "--lever", "pools.SDR.reps=1:6:1", *YEARS),
}
COMPARED: dict[str, tuple[str, ...]] = {
    "reference.yaml": ("stricter", "from_april", "teams_that_help"),
    "slow_handoff.yaml": ("faster_handoff", "no_leak", "faster_handoff_if_no_decay"),
    "threshold.yaml": ("looser", "much_stricter", "three_SDRs"),
}
SWEPT = {
    "reference.yaml": "qualification.mql_rate=20%:40%:10%",
    "slow_handoff.yaml": "pools.SDR.reps=2:6:2",
    "threshold.yaml": "qualification.threshold=40:60:10",
}


class Thing(NamedTuple):
    """What is frozen under a name: how its bytes are made, by which engine."""

    name: str
    content: Callable[[str], bytes]
    engines: tuple[str, ...]


def ledger_bytes(plan: Plan, seed: int, replication: int, name: str) -> bytes:
    """Return every column of every table of the ledger that the engine of a name writes."""
    ledger = engine.simulate(plan, seed, replication, name)
    columns = (ledger.table(table)[c.name].astype(c.dtype, copy=False) for table, of in TABLES.items() for c in of)
    return b"".join(column.tobytes() for column in columns)


@cache
def shipped(file: str) -> tuple[Scenario, Calibration]:
    """Load a shipped scenario and solve its constants."""
    scenario = load(FOLDER / file)
    return scenario, calibrate(scenario)


@cache
def shipped_plan(file: str, what_if: str) -> Plan:
    """Compile a shipped scenario under one of its what-ifs, or as it is (no name)."""
    scenario, found = shipped(file)
    return compile_plan(phases_of(scenario, [what_if] if what_if else []), found)


def shipped_ledger(file: str, what_if: str, seed: int, name: str) -> bytes:
    """Simulate the first year of a shipped scenario under one of its what-ifs."""
    return ledger_bytes(shipped_plan(file, what_if), seed, 0, name)


@lru_cache(maxsize=2)
def bundle(first: int) -> list[RandomScenario]:
    """Draw some random scenarios, from the number of the first on."""
    return [random_scenario(number) for number in range(first, first + BUNDLE)]


def random_ledgers(first: int, name: str) -> bytes:
    """Simulate a bundle of random scenarios."""
    return b"".join(ledger_bytes(each.plan, each.seed, each.replication, name) for each in bundle(first))


def constants(file: str, _: str) -> bytes:
    """Return the calibration of a shipped scenario as its cache would hold it."""
    return rounded(repr(shipped(file)[1]).encode())


def rounded(text: bytes) -> bytes:
    """Round the decimals in a text to nine digits: sums over leads and years may end otherwise on another processor."""
    return re.sub(rb"-?\d+\.\d+(?:e[-+]?\d+)?", lambda found: b"%.9g" % (round(float(found[0]), 12) + 0.0), text)


def said(words: Sequence[str], _: str) -> bytes:
    """Run a command line in this process and return what it writes to stdout, the seconds it took left out."""
    written = io.BytesIO()
    out = io.TextIOWrapper(written, encoding="utf-8", write_through=True)
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        try:
            command_line(list(words))
        except SystemExit as leaving:
            if leaving.code not in (0, 3, None):
                raise RuntimeError(f"{' '.join(words)} ends with {leaving.code}") from None
    out.flush()
    return rounded(written.getvalue()) if "--json" in words else re.sub(rb"\d+ s\b", b"_ s", written.getvalue())


def asked(file: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every command on a scenario, with its options."""
    agreed = load(FOLDER / file).sla
    yield from ((command, words) for command, words in COMMANDS.items() if command != "sla" or agreed)
    yield "compare", (*COMPARED[file], *YEARS)
    yield "sweep", ("--lever", SWEPT[file], *YEARS)


def things() -> Iterator[Thing]:
    """Yield all that is frozen."""
    for file in FILES:
        yield Thing(f"constants/{file}", partial(constants, file), ("",))
        for what_if in ("", *load(FOLDER / file).what_ifs):
            for seed in SEEDS:
                name = f"ledger/{file}/{what_if or 'today'}/{seed}"
                yield Thing(name, partial(shipped_ledger, file, what_if, seed), engine.ENGINES)
    for first in range(0, RANDOM, BUNDLE):
        yield Thing(f"random/{first}-{first + BUNDLE - 1}", partial(random_ledgers, first), engine.ENGINES)
    for file in COMPARED:
        for command, words in asked(file):
            line = (command, f"scenarios/{file}", *words, "--workers", "1")
            yield Thing(f"json/{command}/{file}", partial(said, (*line, "--json")), ("",))
            yield Thing(f"screen/{command}/{file}", partial(said, line), ("",))


def digest(content: bytes) -> str:
    """Return the first 16 digits of the SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16]


@contextmanager
def usual_surroundings(constants: str | None = None) -> Iterator[None]:
    """Take away what a terminal, a user's settings, another folder or a cache of constants (but this) would change."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, {"SIMFUNNEL_CACHE": constants or folder}),
        chdir(ROOT),
    ):
        for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
            os.environ.pop(name, None)
        yield


def differing(
    wanted: Callable[[Thing], bool], engines: Sequence[str] = engine.ENGINES, constants: str | None = None
) -> list[str]:
    """Name the frozen things, among those wanted, whose bytes are others now, and by which engine.

    `constants`: a folder of constants that these sources have solved; without one they are solved here.
    """
    known, found = json.loads(FROZEN.read_text(encoding="utf-8")), []
    with usual_surroundings(constants):
        for thing in filter(wanted, things()):
            for name in (each for each in thing.engines if not each or each in engines):
                if digest(thing.content(name)) != known.get(thing.name):
                    found.append(f"{thing.name} {name}".strip())
    return found


def write(wanted: Callable[[Thing], bool]) -> None:
    """Freeze what is written now of the things wanted; refuse where the engines differ."""
    found = {}
    with usual_surroundings():
        for thing in filter(wanted, things()):
            by_engine = {digest(thing.content(name)) for name in thing.engines}
            if len(by_engine) > 1:
                raise RuntimeError(f"{thing.name}: the engines differ")
            found[thing.name] = by_engine.pop()
    before = json.loads(FROZEN.read_text(encoding="utf-8")) if FROZEN.exists() else {}
    kept = {name: known for name, known in before.items() if name in {thing.name for thing in things()}}
    FROZEN.write_text(json.dumps({**kept, **found}, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    """Compare with what is frozen, or freeze anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="what the names of things begin with")
    parser.add_argument("--write", action="store_true", help="freeze what is written now")
    parser.add_argument("--engine", choices=engine.ENGINES, action="append", help="by these engines only")
    given = parser.parse_args()
    asked_for = tuple(given.names) or ("",)
    if given.write:
        write(lambda thing: thing.name.startswith(asked_for))
        return
    found = differing(lambda thing: thing.name.startswith(asked_for), given.engine or engine.ENGINES)
    print("\n".join(found) or "all as frozen")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
