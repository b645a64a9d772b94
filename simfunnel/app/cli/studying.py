"""What the commands that simulate have in common: load, work with progress, hand over the result."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import typer

from simfunnel.app import jobs
from simfunnel.app.cli import failures
from simfunnel.app.cli.options import Asked
from simfunnel.app.cli.printing import Delivery, deliver, in_colour, note, progress_shown, screen_width, time_shown
from simfunnel.app.standard import refuse_closed_output
from simfunnel.files import is_same_file, refuse_no_name, refuse_to_write, to_csv
from simfunnel.jit import cache_is_cold, nothing_is_kept
from simfunnel.units import currency_in

if TYPE_CHECKING:
    from simfunnel.app.while_compiling import WhileCompiling
    from simfunnel.metrics import Wanted
    from simfunnel.scenario import Scenario

Outputs = dict[str, Path]  # by the option that names them

COMPILING = "compiling the simulator for this machine (once, half a minute)"
COMPILING_ANEW = (
    "compiling the simulator for this command only, in one process: there is no folder to keep machine code in; "
    "set NUMBA_CACHE_DIR to one that can be written"
)
COMPILING_BESIDE = (
    "compiling the simulator for this machine meanwhile (once, half a minute); the first years take longer"
)
COMPILE_LATER = "the compilation is not finished: the next command goes on with it, or type simfunnel compile"
IDLE_START = "--from and --settled say when what-ifs begin; there are none here, so they change nothing"
STOPPING = "stopping: what is finished is kept; Ctrl-C again to leave at once"


def loaded(file: Path, sets: Sequence[str] | None, written: Outputs) -> Scenario:
    """Load the scenario of a file with `--set` changes.

    Raises ScenarioError, and typer.BadParameter when what it reads would be written.
    """
    from simfunnel.possible import load

    scenario = load(file, tuple(sets or ()))
    for option, path in written.items():
        for read in scenario.folder.files:
            if is_same_file(path, read):
                rule = f"{path} would be written over {read.name}, which this scenario reads; choose another name"
                raise typer.BadParameter(rule, param_hint=f"'{option}'")
    return scenario


def asked_of(file: Path, asked: Asked) -> Scenario:
    """Load the scenario that a study is asked about, once its outputs can be written; raises what `loaded` does."""
    return loaded(file, asked.sets, check_outputs(asked.to, asked.timing))


def same_currency(scenario: Scenario, amount: str | None, option: str) -> None:
    """Refuse an amount typed in another currency than the scenario's; raises typer.BadParameter."""
    from simfunnel.scenario.fields.field import SYMBOLS

    typed = currency_in(amount)
    if typed is not None and scenario.currency not in SYMBOLS.get(typed, typed):
        rule = f"{amount!r} is not in {scenario.currency}, the currency of the scenario: amounts are not converted"
        raise typer.BadParameter(rule, param_hint=option)


def ready() -> None:
    """Compile what simulates if this machine has not done so yet, and say so."""
    if cache_is_cold():  # said before anything that simulates is imported
        with time_shown(COMPILING_ANEW if nothing_is_kept() else COMPILING, "compiled"):
            from simfunnel.study import warm_up

            with nullcontext() if nothing_is_kept() else jobs.one_beside() as process:
                warm_up(process)


def compiling_meanwhile(workers: int, engine: str) -> WhileCompiling | None:
    """Return processes that compile while another one simulates; None where nothing has to be compiled.

    They say so when they begin, with the first year. None also where one worker was asked for or the compiled engine:
    then it is compiled first.
    """
    if not cache_is_cold():
        return None
    if nothing_is_kept() or min(workers, jobs.cores()) < 2 or engine == "compiled":
        ready()
        return None
    from simfunnel.app.while_compiling import WhileCompiling
    from simfunnel.engine import compile_the_loop
    from simfunnel.jit import seal_cache
    from simfunnel.study import compile_the_rest

    def begun() -> None:
        note(COMPILING_BESIDE)

    if engine == "simpy":
        return WhileCompiling(workers, (compile_the_rest,), lambda: None, begun)
    return WhileCompiling(workers, (compile_the_loop, compile_the_rest), seal_cache, begun)


@contextmanager
def at_work(
    workers: int | None, engine: str = "auto", timing: str | None = None, force: bool = False
) -> Iterator[dict[str, Any]]:
    """Give the arguments executor, workers, on_progress, stop and engine of a study, for the length of the block.

    `timing`: where is written how long it took, a file or - for stderr.
    """
    count = 1 if nothing_is_kept() else workers or jobs.cores()  # else every process would compile for itself
    began = time.perf_counter()
    processes = compiling_meanwhile(count, engine)
    with jobs.running(count, lambda: note(STOPPING), processes) as job, progress_shown() as tell:
        yield {
            "executor": job.executor,
            "workers": job.workers,
            "on_progress": tell,
            "stop": job.stop,
            "engine": engine,
        }
    if processes is not None and not processes.is_over:
        note(COMPILE_LATER)
    if timing is not None:
        write_timing(timing, time.perf_counter() - began, job, engine, force)


def write_timing(where: str, seconds: float, job: jobs.Job, engine: str, force: bool) -> None:
    """Say how long a study took and who did the work: in a file as JSON, or on stderr in a line."""
    from simfunnel.engine import resolve

    executor = "this process" if job.executor is None else "processes"
    if where == "-":
        by = executor if job.executor is None else f"{job.workers} {executor}"
        note(f"took {seconds:.1f} s: {by}, {resolve(engine)} engine")
        return
    fact = {"seconds": round(seconds, 3), "executor": executor, "workers": job.workers, "engine": resolve(engine)}
    text = json.dumps({"schema": "simfunnel.timing/1", **fact}, indent=1)
    deliver(text, Delivery(True, False, Path(where), force))


def note_idle_start(start: object, what_ifs: Sequence[str]) -> None:
    """Say that a start other than the period's changes nothing where there is no what-if."""
    if start != "period" and not what_ifs:
        note(IDLE_START)


def check_outputs(
    to: Delivery, timing: str | None = None, others: Mapping[str, Path] | None = None, has_csv: bool = True
) -> Outputs:
    """Refuse files that may not be written, before any work is done; returns all that will be, by their options.

    `others`: further files by option. Raises typer.BadParameter for a form that is not written and for two options that
    lead to one file, OSError for a name that cannot be written, or when there is no stdout for the result.
    """
    if rule := to.misnamed(has_csv):
        raise typer.BadParameter(rule, param_hint="'--output'")
    asked = [("--output", to.file), ("--timing", Path(timing) if timing not in (None, "-") else None)]
    written = {option: path for option, path in asked if path is not None} | dict(others or {})
    for path in written.values():
        refuse_no_name(path)
    names = list(written)
    for place, option in enumerate(names):
        for before in names[:place]:
            if is_same_file(written[before], written[option]):
                rule = f"{written[option]} is also what {before} writes; give each a name of its own"
                raise typer.BadParameter(rule, param_hint=f"'{option}'")
    for path in written.values():
        refuse_to_write(path, to.force)
    if to.file is None:
        refuse_closed_output()
    return written


def measured(to: Delivery, on_screen: Wanted) -> Wanted:
    """Return what a study has to measure: everything for JSON and CSV, for a screen what it shows."""
    from simfunnel.metrics import EVERYTHING

    return EVERYTHING if to.is_json or to.is_csv else on_screen


class Result(Protocol):
    """What every study hands back, as far as it has to be written."""

    columns: ClassVar[tuple[str, ...]]

    @property
    def cancelled(self) -> bool:
        """Whether it was stopped before its end."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know first."""

    def table(self) -> list[dict[str, Any]]:
        """Tidy records with `columns`."""

    def to_json(self) -> str:
        """One JSON object."""


Found = TypeVar("Found", bound=Result)


def hand_over(result: Found, screen: Callable[[Found, int, bool], str], to: Delivery) -> int:
    """Write a result in the form wanted and return the exit code; `screen(result, width, colour)` makes the text."""
    if to.is_json:
        text = result.to_json()
    elif to.is_csv:
        text = to_csv(result.table(), result.columns)
        for warning in result.warnings:
            note(f"warning: {warning}")
    else:
        text = screen(result, screen_width(to.file), in_colour(to.file))
    deliver(text, to)
    return failures.INTERRUPTED if result.cancelled else failures.DONE
