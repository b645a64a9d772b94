"""Hostile inputs: what a file, a mutated file or a command line may hold, and what must come of it.

python tests/fuzz.py --all               every input; goes on where it stopped; prints each failure with its input
python tests/fuzz.py --all --anew        from the beginning
python tests/fuzz.py "value: ..."        the inputs whose name contains a text

Every input ends with exit code 0 or 3 and finite numbers, or with 2, a place and a remedy: within 4 times the processor
time of the unchanged file, without a traceback, and with every file of its folder as it was. `tests/test_fuzz.py` runs
a slice that the date chooses.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

SCENARIOS = ROOT / "scenarios"
FILE = "scenario.yaml"
TIMES, FLOOR_S, LONGEST_S = 4.0, 0.15, 30.0  # of the unchanged file's processor time; below the floor nothing is told
MUTATIONS = 100
SMALL = 20_000  # tasks up to which an accepted file is also simulated
HOLE = "the hole"

# as they would be typed into a file, so that YAML reads them
VALUES = (
    "1e308", "-1e308", "1e-300", "-1", "0", "-0.0", ".nan", ".inf", "-.inf", "~", "", '""', '" "', "[]", "{}",
    "[1, [2]]", "{a: 1}", "{mean: .nan}", "{median: 1e-300, p90: 1e300}", "true", "false", "none", '"none"', "never",
    "unlimited", "always", "default", "1.000", "1,5", "1.234.567,8", "100%", "-5%", "1e9%", "99.9999999%", "0%",
    "10% to 20%", "20% to 10%", "1 to 1e12", "10 to 20", "0 minutes", "1e400 days", "1e-300 days", "3 fortnights",
    "5 days to never", "2027-02-30", "9999-12-31", "0001-01-01", "2027-04-01T00:00:00Z", "0 / week", "1e12 / week",
    "1e-300 / year", "2 more", "200% less", '"\\ud800"', '"\\u202e\\u0000"', '"\\n\\t"', "日本語", "x" * 5000,
    "9" * 5000, "=1+1", "../../../etc/passwd", "1_000", "0x10", "1:30", "!!python/object:os.system x", "!!binary aGk=",
)  # fmt: skip
OPTIONS = (
    "", " ", "0", "-1", "1.5", "nan", "inf", "-inf", "1e9", "9" * 400, "x", "none", "-5%", "0%", "100%",
    "1e400%", "2027-13-40", "0001-01-01", "9999-12-31", "\ud800", "日本語", "x" * 5000, "a=b", "a=b=c", "=", "..", "[",
    "{", "*",
    "pools.SDR.reps", "pools.SDR.reps=1:0:1", "pools.SDR.reps=1:9e9:1", "channels.web.leads=1:2:1e-9", "pools.*=1",
    "/", "/dev/null", FILE, "no/such/folder/x.csv", "x" * 300 + ".csv",
)  # fmt: skip
COMMANDS: dict[str, tuple[str, ...]] = {
    "check": (),
    "run": (),
    "compare": ("stricter",),
    "sweep": ("--lever", "pools.SDR.reps=1:2:1"),
    "target": ("--revenue", "1M", "--lever", "pools.SDR.reps=1:2"),
    "bridge": ("stricter",),
    "sensitivity": (),
    "sla": (),
}
TINY = """\
title: Tiny
period: {start: 2027-01-04, weeks: 5, run_in: 2 weeks}
channels: {web: {leads: 20 / week, deal_value: 7k, cost_per_lead: 60}}
qualification: {mql_rate: 40%}
pools: {SDR: {stages: [discovery], reps: 2, selling_time: 50%}}
stages: [{name: discovery, conversion: 50%}]
sla: {sales: {response: 50% within 8 working hours}}
what_ifs: {stricter: {qualification.mql_rate: 20%}}
"""


class Input(NamedTuple):
    """One thing to try: a name that is told, the file's bytes, and the words after `simfunnel`."""

    name: str
    content: bytes
    words: tuple[str, ...]
    base: str  # which unchanged file its time is measured against
    simulates: bool = False


@dataclass
class Outcome:
    """What a command left behind."""

    code: object = None
    out: str = ""
    err: str = ""
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class TooLongError(BaseException):
    """An input took more processor time than any may."""


# --- inputs ----------------------------------------------------------------------------------------------------------


def inputs() -> list[Input]:
    """Every input, in an order that is always the same."""
    return [*value_inputs(), *mutated_inputs(), *option_inputs()]


def value_inputs() -> list[Input]:
    """Every scalar of reference.yaml, replaced by every hostile value."""
    data = plain("reference.yaml")
    found = []
    for path in scalars(data):
        text = json.dumps(replaced(data, path, HOLE), indent=1, ensure_ascii=False)
        for value in VALUES:
            name = f"value: {'.'.join(map(str, path))} = {shown(value)}"
            content = text.replace(f'"{HOLE}"', value).encode("utf-8", "surrogatepass")
            found.append(Input(name, content, ("check", FILE, "--replications", "0", "--json"), "reference.yaml"))
    return found


def mutated_inputs() -> list[Input]:
    """Shipped files with bytes flipped, lines dropped, doubled, swapped or moved to the right."""
    found = []
    for number in range(MUTATIONS):
        luck = random.Random(number)
        base = luck.choice(("reference.yaml", "b2b.yaml", "minimal.yaml"))
        content = (SCENARIOS / base).read_bytes()
        kinds = [luck.choice(MUTATORS) for _ in range(luck.randint(1, 3))]
        for kind in kinds:
            content = kind(content, luck)
        name = f"file: {base}, mutation {number} ({', '.join(kind.__name__ for kind in kinds)})"
        found.append(Input(name, content, ("check", FILE, "--replications", "0", "--json"), base))
    return found


def option_inputs() -> list[Input]:
    """Every option of every command that has a value, with values that it should not have."""
    found = []
    for command, option in options():
        for value in OPTIONS:
            words = (command, FILE, *COMMANDS[command], *few_years(command), option, value)
            name = f"option: {command} {option} {shown(value)}"
            found.append(Input(name, TINY.encode(), words, "tiny", simulates=True))
    return found


def few_years(command: str) -> tuple[str, ...]:
    """Two simulated years, in this process; an option given twice counts as it was given last."""
    years = "16" if command == "target" else "2"
    return ("--replications", years, "--workers", "1", "--engine", "simpy")


@cache
def options() -> tuple[tuple[str, str], ...]:
    """(command, option) of every option that takes a value, from the command line itself."""
    import typer

    from simfunnel.app.cli import entry

    group: Any = typer.main.get_command(entry.app)
    return tuple(
        (name, each.opts[0])
        for name in COMMANDS
        for each in group.commands[name].params
        if each.opts[0].startswith("--") and not getattr(each, "is_flag", False)
    )


def plain(name: str) -> Any:
    """A shipped file as plain values."""
    from simfunnel.scenario.read.source import read_yaml

    return json.loads(json.dumps(read_yaml((SCENARIOS / name).read_text(), name).data, default=str))


def scalars(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all values that are neither lists nor tables."""
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    return [path] if below is None else [each for key, item in below for each in scalars(item, (*path, key))]


def replaced(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value at a path."""
    if not path:
        return value
    if isinstance(node, list):
        return [replaced(item, path[1:], value) if k == path[0] else item for k, item in enumerate(node)]
    return {key: replaced(item, path[1:], value) if key == path[0] else item for key, item in node.items()}


def shown(text: str) -> str:
    """A value as it is told: short, and printable."""
    return ascii(text if len(text) <= 60 else f"{text[:20]}... ({len(text)} characters)")


def flipped(content: bytes, luck: random.Random) -> bytes:
    """The content with some bytes changed."""
    spoilt = bytearray(content)
    for _ in range(luck.randint(1, 4)):
        spoilt[luck.randrange(len(spoilt))] = luck.randrange(256)
    return bytes(spoilt)


def dropped(content: bytes, luck: random.Random) -> bytes:
    """The content without one of its lines."""
    lines = content.splitlines(keepends=True)
    del lines[luck.randrange(len(lines))]
    return b"".join(lines)


def doubled(content: bytes, luck: random.Random) -> bytes:
    """The content with one of its lines twice."""
    lines = content.splitlines(keepends=True)
    at = luck.randrange(len(lines))
    return b"".join([*lines[:at], lines[at], *lines[at:]])


def swapped(content: bytes, luck: random.Random) -> bytes:
    """The content with two of its lines exchanged."""
    lines = content.splitlines(keepends=True)
    one, other = luck.randrange(len(lines)), luck.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def indented(content: bytes, luck: random.Random) -> bytes:
    """The content with one of its lines moved to the right, or to the left edge."""
    lines = content.splitlines(keepends=True)
    at = luck.randrange(len(lines))
    lines[at] = luck.choice((b" ", b"\t", b"    ")) + lines[at] if luck.random() < 0.7 else lines[at].lstrip(b" ")
    return b"".join(lines)


MUTATORS = (flipped, dropped, doubled, swapped, indented)


# --- what comes of them ----------------------------------------------------------------------------------------------


def tried(each: Input, folder: Path) -> Outcome:
    """Run an input in this process in a folder, which is made as it was before, and judge what came of it."""
    (folder / FILE).write_bytes(each.content)
    before = files_of(folder)
    outcome = called(each.words, folder)
    outcome.faults += judged(each, outcome)
    for name, content in before.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            outcome.faults.append(f"lost or changed {name}")
    for name in set(files_of(folder)) - set(before):
        (folder / name).unlink()
    if not each.simulates and not outcome.faults:
        outcome.faults += in_time(each, outcome, folder)
    return outcome


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a folder by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def called(words: Sequence[str], folder: Path) -> Outcome:
    """What a command line of this program leaves behind, called here with the folder as the working one."""
    from simfunnel.app.cli import entry

    outcome, out, err = Outcome(), io.StringIO(), io.StringIO()
    began = time.process_time()
    with in_folder(folder), stopped_after(LONGEST_S), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            entry.main(list(words))
        except SystemExit as leaving:
            outcome.code = leaving.code or 0
        except TooLongError:
            outcome.faults.append(f"took more than {LONGEST_S:.0f} s of processor time")
        except BaseException:
            outcome.faults.append(traceback.format_exc(limit=-3))
    outcome.seconds = time.process_time() - began
    outcome.out, outcome.err = out.getvalue(), err.getvalue()
    return outcome


@contextlib.contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """The working folder, and hooks that a command line changes, for the length of the block."""
    where, hook, on_term = Path.cwd(), sys.excepthook, signal.getsignal(signal.SIGTERM)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(where)
        sys.excepthook = hook
        signal.signal(signal.SIGTERM, on_term)


@contextlib.contextmanager
def stopped_after(seconds: float) -> Iterator[None]:
    """TooLongError in the block once it has taken so much processor time."""

    def over(number: int, frame: FrameType | None) -> NoReturn:
        raise TooLongError

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def judged(each: Input, outcome: Outcome) -> list[str]:
    """What is wrong with an outcome."""
    told = outcome.out + outcome.err
    faults = [f"says {text!r}" for text in ("Traceback", "a fault in simfunnel") if text in told]
    if outcome.code in (0, 3):
        return faults + ([] if not outcome.out.startswith("{") else unreadable(outcome.out))
    if outcome.code != 2:
        return [*faults, f"ends with {outcome.code}: {outcome.err[-300:]}"]
    if not outcome.err.strip():
        return [*faults, "says nothing"]
    return faults + ([] if not outcome.err.startswith("{") else unplaced(outcome.err))


def unreadable(text: str) -> list[str]:
    """What is wrong with a JSON object: numbers that are none."""

    def refused(name: str) -> NoReturn:
        raise ValueError(f"{name} in the JSON object")

    try:
        json.loads(text, parse_constant=refused)
    except ValueError as error:
        return [str(error)]
    return []


def unplaced(text: str) -> list[str]:
    """What is wrong with the problems of a refused file: each has a place and a remedy."""
    found = json.loads(text)
    if not found["problems"]:
        return ["names no problem"]
    return [
        f"no {name}: {problem}"
        for problem in found["problems"]
        for name in ("file", "rule", "remedy")
        if not problem[name]
    ] + [f"no line: {problem}" for problem in found["problems"] if problem["line"] is None]


def in_time(each: Input, outcome: Outcome, folder: Path) -> list[str]:
    """Whether an input was judged within some times the time of the unchanged file; once more before it is told."""
    most = max(FLOOR_S, TIMES * usual_time(each.base))
    if outcome.seconds > most:
        outcome.seconds = min(outcome.seconds, called(each.words, folder).seconds)
    return [f"took {outcome.seconds:.2f} s, the unchanged file {most / TIMES:.2f} s"] if outcome.seconds > most else []


@cache
def usual_time(base: str) -> float:
    """Processor seconds of checking an unchanged file, the middle of three."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / FILE).write_bytes((SCENARIOS / base).read_bytes())
        words = ("check", FILE, "--replications", "0", "--json")
        called(words, Path(name))
        return sorted(called(words, Path(name)).seconds for _ in range(3))[1]


def simulated(each: Input, folder: Path) -> Outcome | None:
    """An accepted file simulated for some weeks, if that is little; None when it is not."""
    from simfunnel.errors import ScenarioError
    from simfunnel.scenario import load
    from simfunnel.scenario.checks.size import leads_of, sizes_of

    short = ("period.run_in=1 week", "period.months=1")
    (folder / FILE).write_bytes(each.content)
    with contextlib.suppress(ScenarioError, OSError), in_folder(folder):
        scenario = load(FILE, short)
        opened = sum(row.count for row in scenario.opening_pipeline or ())
        if sizes_of(scenario, leads_of(scenario), opened).tasks <= SMALL:
            sets = [word for text in short for word in ("--set", text)]
            words = ("run", FILE, *sets, *few_years("run"), "--json")
            return tried(each._replace(words=words, simulates=True), folder)
    return None


# --- a slice, or all -------------------------------------------------------------------------------------------------


def failures(chosen: Sequence[Input], seconds: float, share_simulated: float = 0.05) -> Iterator[tuple[Input, Outcome]]:
    """Every input that was tried, with its outcome, until the seconds of processor time are over.

    Of files that are accepted, so large a share is also simulated.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("SIMFUNNEL_CACHE", folder)
        began = time.process_time()
        for each in chosen:
            if time.process_time() - began > seconds:
                return
            outcome = tried(each, Path(folder))
            if outcome.code in (0, 3) and not each.simulates and not outcome.faults:
                number = int.from_bytes(hashlib.blake2b(each.name.encode(), digest_size=4).digest(), "big")
                if number < share_simulated * 2**32:
                    outcome = simulated(each, Path(folder)) or outcome
            yield each, outcome


def of_the_day(day: int) -> list[Input]:
    """All inputs in an order that the day chooses."""
    found = inputs()
    random.Random(day).shuffle(found)
    return found


def main() -> int:
    """Run what was asked for, print each failure with its input, and return 1 if there is any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", nargs="?", default="", help="only inputs whose name contains this text")
    parser.add_argument("--all", action="store_true", help="every input, going on where it stopped")
    parser.add_argument("--anew", action="store_true", help="with --all: from the beginning")
    parser.add_argument("--state", type=Path, default=Path(tempfile.gettempdir()) / "simfunnel-fuzz.jsonl")
    asked = parser.parse_args()
    if not asked.all and not asked.text:
        parser.error("write --all, or a part of the name of an input")
    if asked.anew or not asked.all:
        asked.state.unlink(missing_ok=True)
    done = set()
    if asked.all and asked.state.exists():
        done = {json.loads(line)["name"] for line in asked.state.read_text().splitlines()}
    chosen = [each for each in inputs() if each.name not in done and asked.text in each.name]
    wrong = count = 0
    with asked.state.open("a") as state:
        for each, outcome in failures(chosen, float("inf")):
            count += 1
            if outcome.faults:
                wrong += 1
                print(f"{each.name}\n  simfunnel {' '.join(map(shown, each.words))}")
                print("".join(f"  {line}\n" for fault in outcome.faults for line in fault.splitlines()), flush=True)
            state.write(json.dumps({"name": each.name, "faults": outcome.faults}) + "\n")
            state.flush()
    print(f"{count:,} inputs tried, {len(done):,} before, {wrong:,} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
