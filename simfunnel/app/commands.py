"""The commands of simfunnel: one table, which the command line, its help, the reference page and the tests read."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import NamedTuple


class Command(NamedTuple):
    """A command: its name, its line in the list of commands, and examples with a remark each.

    Its function, of the command's name, is in `module` of app.cli.
    """

    name: str
    line: str
    example: str = ""
    remark: str = ""
    more_examples: tuple[tuple[str, str], ...] = ()
    module: str = "studies"
    simulates: bool = True

    @property
    def function(self) -> Callable[..., int | None]:
        """The function that the command line calls, of the command's name."""
        module = importlib.import_module(f"simfunnel.app.cli.{self.module}")
        function: Callable[..., int | None] = getattr(module, self.name)
        return function


RUNS = (("run funnel.yaml --set pools.SDR.reps=8", ""), ("run funnel.yaml --trace 120", "one lead's story"))
THRESHOLD = "sweep funnel.yaml --lever qualification.threshold=40:80:5"
# fmt: off
COMMANDS = (
    Command("init", "Write a commented starter scenario to fill in.",
            "init funnel.yaml", "a starter to fill in", module="init", simulates=False),
    Command("check", "What is wrong, odd or assumed in a scenario.",
            "check funnel.yaml", "what is wrong, odd or assumed", module="check"),
    Command("run", "A year as it is: revenue, funnel, teams, what is lost.",
            "run funnel.yaml", "a year as it is today", RUNS),
    Command("compare", "What-ifs beside today: the same leads, the same luck.",
            "compare funnel.yaml stricter", "a what-if of the file, and today"),
    Command("sweep", "Find the best level of one lever, or of two.", THRESHOLD),
    Command("target", "What it takes to reach a target, or what limits it.",
            "target funnel.yaml --revenue 4.2M", "what it takes, or what limits it"),
    Command("bridge", "Where a difference comes from; where money leaks.",
            "bridge funnel.yaml", "where the money leaks"),
    Command("sensitivity", "Which inputs move the answer.",
            "sensitivity funnel.yaml", "which of its numbers matter"),
    Command("sla", "Whether marketing and sales can keep their agreement.",
            "sla funnel.yaml", "can both sides keep the agreement?"),
    Command("verify", "Whether this installation computes what it should.",
            "verify", "is this installation right?", module="verify"),
    Command("compile", "Make the simulator's machine code now, not at the first run.",
            module="compile", simulates=False),
    Command("schema", "Print the JSON Schema of scenario files, for editors.", module="init", simulates=False),
)
# fmt: on


def example_lines() -> list[str]:
    """Write the examples of all commands, one a line, their remarks below each other."""
    examples = [each for command in COMMANDS for each in ((command.example, command.remark), *command.more_examples)]
    return [f"  simfunnel {words:<33}  {remark}".rstrip() for words, remark in examples if words]
