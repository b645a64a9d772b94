"""What the commands that simulate have in common: load, work with progress, hand over the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import typer

from simfunnel.app import jobs
from simfunnel.app.cli import failures
from simfunnel.app.cli.printing import Delivery, deliver, in_colour, note, progress_shown, screen_width, time_shown
from simfunnel.jit import cache_is_cold, nothing_is_kept
from simfunnel.report.export import refuse_existing, to_csv
from simfunnel.units import currency_in

if TYPE_CHECKING:
    from simfunnel.scenario import Scenario

COMPILING = "compiling the simulator for this machine (once, about a minute)"
COMPILING_ANEW = (
    "compiling the simulator for this command only, in one process: there is no folder to keep machine code in; "
    "set NUMBA_CACHE_DIR to one that can be written"
)
IDLE_START = "--from and --settled say when what-ifs begin; there are none here, so they change nothing"
STOPPING = "stopping: what is finished is kept; Ctrl-C again to leave at once"


def loaded(file: Path, sets: Sequence[str] | None, simulates: bool = True) -> Scenario:
    """The scenario of a file with `--set` changes, as a rule about to be simulated; raises ScenarioError."""
    from simfunnel.scenario import load

    scenario = load(file, tuple(sets or ()))
    if simulates:
        ready()
    return scenario


def same_currency(scenario: Scenario, amount: str | None, option: str) -> None:
    """Refuse an amount typed in another currency than the scenario's; raises typer.BadParameter."""
    from simfunnel.scenario.fields import SYMBOLS

    typed = currency_in(amount)
    if typed is not None and scenario.currency not in SYMBOLS.get(typed, typed):
        rule = f"{amount!r} is not in {scenario.currency}, the currency of the scenario: amounts are not converted"
        raise typer.BadParameter(rule, param_hint=option)


def ready() -> None:
    """Compile what simulates if this machine has not done so yet, and say so."""
    if cache_is_cold():  # said before anything that simulates is imported: importing it compiles
        with time_shown(COMPILING_ANEW if nothing_is_kept() else COMPILING, "compiled"):
            from simfunnel.study import warm_up

            warm_up()


@contextmanager
def at_work(workers: int | None) -> Iterator[dict[str, Any]]:
    """Arguments executor, workers, on_progress and stop of a study, for the length of the block."""
    count = 1 if nothing_is_kept() else workers or jobs.cores()  # else every process would compile for itself
    with jobs.running(count, lambda: note(STOPPING)) as job, progress_shown() as tell:
        yield {"executor": job.executor, "workers": job.workers, "on_progress": tell, "stop": job.stop}


def note_idle_start(start: object, what_ifs: Sequence[str]) -> None:
    """Say that a start other than the period's changes nothing where there is no what-if."""
    if start != "period" and not what_ifs:
        note(IDLE_START)


def check_outputs(force: bool, *paths: Path | None) -> None:
    """Refuse files that may not be written, before any work is done."""
    for path in paths:
        if path is not None:
            refuse_existing(path, force)


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


def hand_over(result: Result, screen: Callable[[int, bool], str], to: Delivery) -> int:
    """Write a result in the form wanted and return the exit code; `screen(width, colour)` makes the text."""
    if to.is_json:
        text = result.to_json()
    elif to.is_csv:
        text = to_csv(result.table(), result.columns)
        for warning in result.warnings:
            note(f"warning: {warning}")
    else:
        text = screen(screen_width(to.file), in_colour(to.file))
    deliver(text, to.file, to.force)
    return failures.INTERRUPTED if result.cancelled else failures.DONE
