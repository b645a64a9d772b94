"""Single leads of a run: one lead's story, or all of them in files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from simfunnel.app.cli import failures
from simfunnel.app.cli.printing import Delivery, deliver, in_colour, note, screen_width
from simfunnel.app.cli.studying import at_work

if TYPE_CHECKING:
    from simfunnel.ledger.export import Run
    from simfunnel.scenario import Scenario


def named_files(ledger: Path | None, tasks: Path | None) -> dict[str, Path]:
    """Name all files that --ledger and --tasks will write; typer.BadParameter for a form that cannot be written."""
    for option, path in (("--ledger", ledger), ("--tasks", tasks)):
        if path is None:
            continue
        if path.suffix.lower() not in (".csv", ".parquet"):
            raise typer.BadParameter(f"{path} must end in .csv or .parquet", param_hint=f"'{option}'")
        if path.suffix.lower() == ".parquet" and find_spec("pyarrow") is None:
            remedy = "pip install 'simfunnel[parquet]', or name a .csv file"
            raise typer.BadParameter(
                f"Parquet needs pyarrow, which is not installed; {remedy}", param_hint=f"'{option}'"
            )
    from simfunnel.ledger.export import files_of

    beside = files_of(ledger) if ledger is not None else {}
    named = {"--ledger" if name == "leads" else f"--ledger ({name})": path for name, path in beside.items()}
    return named | ({"--tasks": tasks} if tasks is not None else {})


@contextmanager
def ledgers_written(ledger: Path | None, tasks: Path | None, force: bool) -> Iterator[Callable[[Run], None] | None]:
    """Take the ledgers of a run for the length of the block, None when no file is asked for.

    The files appear when the block ends well.
    """
    from simfunnel.ledger.export import ledger_files, task_log

    with ExitStack() as files:
        asked = ((ledger_files, ledger), (task_log, tasks))
        takers = [files.enter_context(kind(path, force)) for kind, path in asked if path is not None]

        def take(run: Run) -> None:
            for taker in takers:
                taker(run)

        yield take if takers else None
    for file in named_files(ledger, tasks).values():
        note(f"wrote {file}")


def tell(scenario: Scenario, lead: str, seed: int, replication: int, to: Delivery) -> int:
    """Print one lead's story; raises typer.BadParameter for a lead that there is not."""
    from simfunnel.engine import SIMPY
    from simfunnel.report.story import UnknownLeadError, find_lead, story, story_screen
    from simfunnel.study import Work, ledgers

    with at_work(1, SIMPY, None) as work:
        ((_, _, plan, ledger),) = ledgers(scenario, [replication], seed=seed, work=Work(**work))
    try:
        found = story(plan, ledger, find_lead(plan, ledger, lead), seed, replication)
    except UnknownLeadError as error:
        raise typer.BadParameter(str(error), param_hint="'--trace'") from error
    if to.is_json:
        text = json.dumps(found.as_dict(), indent=1, ensure_ascii=False)
    else:
        text = story_screen(found, screen_width(to.file), in_colour(to.file))
    deliver(text, to)
    return failures.DONE
