"""The options that several commands share, how their texts become values, and how a command gets them all."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from simfunnel.app.cli.printing import Delivery
from simfunnel.arguments import chance_of, day_of, replications_of, whole_number
from simfunnel.errors import ArgumentError
from simfunnel.units import UnitError, parse_money


class Engine(StrEnum):
    """Engines that may be asked for."""

    AUTO = "auto"
    SIMPY = "simpy"
    COMPILED = "compiled"


def read_start(begins: str | None, settled: bool) -> date | str:
    """Read when what-ifs begin; raises ArgumentError for a bad date, typer.BadParameter for both options."""
    if begins is None:
        return "settled" if settled else "period"
    if settled:
        raise typer.BadParameter("--from and --settled exclude each other")
    return day_of("from", begins, "2027-04-01")


def read_money(text: str, option: str) -> float:
    """Read an amount of money typed after an option; raises typer.BadParameter."""
    try:
        return float(parse_money(text))
    except UnitError as error:
        raise typer.BadParameter(f"{text!r}, {error}", param_hint=f"'{option}'") from error


def whole(name: str, metavar: str = "N", most: int | None = None, fewest: int | None = None, **more: Any) -> Any:
    """Make an option that takes a whole number within the bounds of `name`; `more` is for typer."""

    def parser(text: str) -> int:
        try:
            return whole_number(name, str(text), fewest, most)
        except ArgumentError as error:
            raise typer.BadParameter(error.rule) from error

    return typer.Option(f"--{name}", metavar=metavar, parser=parser, **more)


File = Annotated[Path, typer.Argument(metavar="FILE", help="The scenario, a YAML file.", show_default=False)]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change the scenario before anything else, e.g. pools.SDR.reps=8. May be repeated.",
    ),
]


def from_day(what: str) -> Any:
    """Make the option --from, where `what` begins on that day."""
    return typer.Option("--from", metavar="DATE", help=f"{what} begin on this day.")


def settled_before(what: str) -> Any:
    """Make the option --settled, where `what` is in force from the first day on, and long before."""
    return typer.Option("--settled", help=f"{what} have long been in force when the period starts.")


From = Annotated[str | None, from_day("What-ifs")]
Settled = Annotated[bool, settled_before("What-ifs")]
WhatIfs = Annotated[
    list[str] | None,
    typer.Option("--what-if", metavar="NAME", help="Of this plan instead of today's. May be repeated."),
]


def years(usual: str, what: str = "Simulated years; auto: until --precision.") -> Any:
    """Make the option --replications, `usual` of them when it is left out."""
    form = "N|auto" if "auto" in what else "N"
    return typer.Option("--replications", metavar=form, help=what, show_default=usual)


def precision(what: str) -> Any:
    """Make the option --precision, where `what` is to be known so well."""
    return typer.Option("--precision", metavar="SHARE", help=f"Of auto: {what}.")


ReplicationsText = Annotated[str | None, years("50")]
PrecisionText = Annotated[str, precision("+/- of revenue, as a share of it")]
Seed = Annotated[int, whole("seed", help="Another seed, other luck.")]
EngineName = Annotated[
    Engine,
    typer.Option("--engine", metavar="auto|simpy|compiled", help="What simulates; it does not change a number."),
]
Workers = Annotated[
    int | None,
    whole("workers", help="Processes at work, by default one a core; they do not change a number."),
]
Trace = Annotated[
    str | None,
    typer.Option("--trace", metavar="LEAD", help="Tell one lead's story instead: its number, or its id."),
]
ReplicationOfTrace = Annotated[
    int | None,
    whole("replication", help="Of --trace: the simulated year, from 0, the default."),
]
OneMoreWanted = Annotated[
    bool,
    typer.Option(
        "--one-more/--no-one-more",
        help="What one more rep in each team, 100 more leads a year and a hand-off 1 h faster would bring.",
    ),
]
LeaksWanted = Annotated[
    bool,
    typer.Option("--leaks/--no-leaks", help="What repairing each leak that takes leads would bring by itself."),
]
KnowWanted = Annotated[
    bool,
    typer.Option("--know/--no-know", help="Which of the inputs that you did not type exactly moves revenue most."),
]
LedgerFile = Annotated[
    Path | None, typer.Option("--ledger", metavar="FILE", help="Write every lead to FILE (.csv or .parquet).")
]
TasksFile = Annotated[
    Path | None, typer.Option("--tasks", metavar="FILE", help="Write every task to FILE, for process mining.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, unrounded.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="CSV, a row for each number.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write to FILE: .json, .csv, .txt or .md, each in its form."),
]
OutputWithoutCsv = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write to FILE: .json, .txt or .md, each in its form."),
]
Timing = Annotated[
    str | None,
    typer.Option("--timing", metavar="FILE|-", help="Write how long it took, on what, to FILE (JSON) or stderr (-)."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")]


@dataclass(frozen=True)
class Asked:
    """What every study may be asked: how often, with which luck, from when, on what, and where the answer goes."""

    sets: Sets = None
    replications: ReplicationsText = None
    precision: PrecisionText = "1%"
    seed: Seed = 1
    begins: From = None
    settled: Settled = False
    engine: EngineName = Engine.AUTO
    workers: Workers = None
    as_json: AsJson = False
    as_csv: AsCsv = False
    output: Output = None
    timing: Timing = None
    force: Force = False

    def arguments(self) -> dict[str, Any]:
        """Return precision, seed and start as arguments of a study, and replications if typed; raises ArgumentError."""
        typed = {} if self.replications is None else {"replications": replications_of(self.replications)}
        return {
            **typed,
            "precision": chance_of("precision", self.precision),
            "seed": self.seed,
            "start": read_start(self.begins, self.settled),
        }

    @property
    def work(self) -> tuple[int | None, str, str | None, bool]:
        """Arguments of `at_work`."""
        return self.workers, self.engine.value, self.timing, self.force

    @property
    def to(self) -> Delivery:
        """In which form the answer is wanted, and where."""
        return Delivery(self.as_json, self.as_csv, self.output, self.force)


def with_options(**instead: Any) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command an option for each field of `Asked` after its own, in place of its parameter `asked`.

    `instead`: other options for some of the fields; None leaves a field out.
    """

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        kinds = get_type_hints(Asked)
        other = {name: option and Annotated[kinds[name], option] for name, option in instead.items()}
        hints = {**get_type_hints(Asked, include_extras=True), **other}
        kind = inspect.Parameter.KEYWORD_ONLY
        shared = [
            inspect.Parameter(each.name, kind, default=each.default, annotation=hints[each.name])
            for each in fields(Asked)
            if hints[each.name] is not None
        ]
        own = inspect.signature(command, eval_str=True).parameters.values()
        parts = [part.replace(kind=kind) for part in own if part.name != "asked"] + shared

        @functools.wraps(command)
        def expanded(**given: Any) -> int:
            asked = Asked(**{part.name: given.pop(part.name) for part in shared})
            return command(asked=asked, **given)

        expanded.__signature__ = inspect.Signature(parts, return_annotation=int)  # type: ignore[attr-defined]  # a function may have one; its type says nothing of it
        expanded.__annotations__ = {part.name: part.annotation for part in parts}
        return expanded

    return decorated
