"""The command `simfunnel`: which commands there are, and what happens when one fails."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

from simfunnel import leaving
from simfunnel.app.cli import failures
from simfunnel.app.cli.printing import note
from simfunnel.app.commands import COMMANDS, example_lines
from simfunnel.app.standard import failed_output, open_what_is_closed, write_anything
from simfunnel.errors import ArgumentError, ScenarioError, SimfunnelError
from simfunnel.version import __version__

ABOUT = """Test a change to your lead funnel before you make it.

\b
A scenario file says how many leads come from where, who works on them and how
they convert today. simfunnel plays it lead by lead, again and again, and says
what revenue, load and waiting come out, and what a change would do to the same
leads with the same luck.

\b
Examples:"""

app = typer.Typer(
    help="\n".join([ABOUT, *example_lines(), ""]),
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in COMMANDS:
    app.command(name=command.name, short_help=command.line)(command.function)


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
    try:
        command: Any = typer.main.get_command(app)
        code = command.main(words, prog_name="simfunnel", standalone_mode=False)
        sys.stdout.flush()
        if code == failures.INTERRUPTED:  # the command line library swallows the interrupt itself
            note("interrupted")
        return code if isinstance(code, int) else failures.DONE
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
    failures.report(failure, as_json="--json" in words)
    return failure.code
