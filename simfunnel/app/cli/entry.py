"""The command `simfunnel`: which commands there are, and what happens when one fails."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NoReturn

import typer

from simfunnel import leaving
from simfunnel.app.cli import failures
from simfunnel.app.cli.bridge import bridge
from simfunnel.app.cli.check import check
from simfunnel.app.cli.compare import compare
from simfunnel.app.cli.init import init, schema
from simfunnel.app.cli.printing import note
from simfunnel.app.cli.run import run
from simfunnel.app.cli.sensitivity import sensitivity
from simfunnel.app.cli.sla import sla
from simfunnel.app.cli.sweep import sweep
from simfunnel.app.cli.target import target
from simfunnel.app.cli.verify import verify
from simfunnel.app.standard import failed_output, open_what_is_closed, write_anything
from simfunnel.errors import ArgumentError, ScenarioError, SimfunnelError
from simfunnel.version import __version__

HELP = """Test a change to your lead funnel before you make it.

\b
A scenario file says how many leads come from where, who works on them and how
they convert today. simfunnel plays it lead by lead, again and again, and says
what revenue, load and waiting come out, and what a change would do to the same
leads with the same luck.

\b
Examples:
  simfunnel init funnel.yaml                   a starter to fill in
  simfunnel check funnel.yaml                  what is wrong, odd or assumed
  simfunnel run funnel.yaml                    a year as it is today
  simfunnel run funnel.yaml --set pools.SDR.reps=8
  simfunnel run funnel.yaml --trace 120        one lead's story
  simfunnel compare funnel.yaml stricter       a what-if of the file, and today
  simfunnel sweep funnel.yaml --lever qualification.threshold=40:80:5
  simfunnel target funnel.yaml --revenue 4.2M  what it takes, or what limits it
  simfunnel bridge funnel.yaml                 where the money leaks
  simfunnel sensitivity funnel.yaml            which of its numbers matter
  simfunnel sla funnel.yaml                    can both sides keep the agreement?
  simfunnel verify                             is this installation right?
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
LISTED: dict[Callable[..., Any], str] = {
    init: "Write a commented starter scenario to fill in.",
    check: "What is wrong, odd or assumed in a scenario.",
    run: "A year as it is: revenue, funnel, teams, what is lost.",
    compare: "What-ifs beside today: the same leads, the same luck.",
    sweep: "Find the best level of one lever, or of two.",
    target: "What it takes to reach a target, or what limits it.",
    bridge: "Where a difference comes from; where money leaks.",
    sensitivity: "Which inputs move the answer.",
    sla: "Whether marketing and sales can keep their agreement.",
    verify: "Whether this installation computes what it should.",
    schema: "Print the JSON Schema of scenario files, for editors.",
}
for command, line in LISTED.items():
    app.command(name=command.__name__, short_help=line)(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"simfunnel {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    pass


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line `args` (by default the process's) and leave with its exit code."""
    words = asked_for_help(list(sys.argv[1:] if args is None else args))
    sys.excepthook = failures.unexpected
    leaving.install()
    open_what_is_closed()
    write_anything()
    sys.exit(_guarded(words))


def asked_for_help(words: list[str]) -> list[str]:
    """Return `help` and `help COMMAND` as the options that mean the same, other words as they are."""
    return [*words[1:2], "--help"] if words[:1] == ["help"] else words


def _guarded(words: list[str]) -> int:
    as_json = "--json" in words
    try:
        return _invoke(words)
    except ScenarioError as error:
        failure = failures.scenario_failure(error)
    except ArgumentError as error:
        failure = failures.argument_failure(error)
    except SimfunnelError as error:
        failure = failures.study_failure(error)
    except typer.TyperException as error:
        failure = failures.usage_failure(error)
    except KeyboardInterrupt:
        failure = failures.Failure("interrupted", failures.INTERRUPTED)
    except OSError as error:
        is_output = failed_output(error)
        if is_output and isinstance(error, BrokenPipeError):
            return failures.FAILED  # the reader has gone, and needs no message
        failure = failures.file_failure(error, "standard output" if is_output else "")
    failures.report(failure, as_json)
    return failure.code


def _invoke(words: list[str]) -> int:
    command: Any = typer.main.get_command(app)
    code = command.main(words, prog_name="simfunnel", standalone_mode=False)
    sys.stdout.flush()
    if code == failures.INTERRUPTED:  # the command line library swallows the interrupt itself
        note("interrupted")
    return code if isinstance(code, int) else failures.DONE
