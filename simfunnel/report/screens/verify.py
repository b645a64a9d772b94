"""The screen of a verification: one line a check, what failed in full below."""

from __future__ import annotations

import math

from simfunnel.report.terminal import BAD, FAINT, GOOD, STRONG, Cell, Column, Grid, Page
from simfunnel.report.words import UNKNOWN
from simfunnel.verify import Check, VerifyResult

COLUMNS = {
    "name": Column("CHECK", left=True),
    "title": Column("", left=True),
    "figure": Column("figure", left=True),
    "seen": Column("seen"),
    "exact": Column("exact"),
    "tolerance": Column("+/-"),
    "verdict": Column("", left=True),
    "seconds": Column("s"),
}
CAN_BE_SPARED = ("figure", "title")  # on a narrow screen, in this order
READ_IT = "figure: the one closest to failing; +/-: how far it may be off by chance, 4 standard errors, or by rounding"

Line = dict[str, Cell | str]


def verify_screen(result: VerifyResult, width: int = 100, colour: bool = False) -> str:
    """Write a verification as a page of text, at most `width` columns."""
    made, failed = len(result.checks), len(result.failed)
    outcome = f"{failed} of {made} checks FAILED" if failed else f"all {made} checks passed"
    if made < result.asked:
        outcome = f"{made} of {result.asked} checks made, {f'{failed} FAILED' if failed else 'all passed'}"
    page = Page(width, colour)
    page.title(f"simfunnel {result.version} on this machine", f"{outcome} in {result.seconds:.0f} s")
    machine = result.machine
    packages = f"Python {machine.python}, numpy {machine.numpy}, scipy {machine.scipy}, numba {machine.numba}"
    cores = f"{machine.system}, {machine.cores} core{'' if machine.cores == 1 else 's'}"
    page.line("", f"{packages}; {cores}; engine {result.engine}, seed {result.seed}", 0)
    page.blank()
    lines: list[Line] = []
    for group in dict.fromkeys(check.subject.group for check in result.checks):
        lines.append({"title": Cell(group.upper(), STRONG)})
        lines += [_line(check) for check in result.checks if check.subject.group == group]
    ways = []
    for spared in range(len(CAN_BE_SPARED) + 1):
        shown = {name: column for name, column in COLUMNS.items() if name not in CAN_BE_SPARED[:spared]}
        rows = tuple(tuple(line.get(name, "") for name in shown) for line in lines)
        ways.append([Grid(tuple(shown.values()), rows)])
    page.grid(*page.fitting(ways))
    page.blank()
    for check in result.failed:
        page.line("FAIL", f"{check.subject.name}, {check.subject.title} ({check.subject.source})")
        for fault in check.faults:
            page.line("", fault)
    for warning in result.warnings:
        page.line("NOTE", warning)
    page.line("", READ_IT, 0)
    return page.text()


def _line(check: Check) -> Line:
    """Show the figure that is closest to failing; of figures that may not be off at all, how many are right."""
    line: Line = {"name": check.subject.name, "title": check.subject.title}
    if all(figure.tolerance == 0.0 for figure in check.figures if figure.passed):
        right = sum(figure.passed for figure in check.figures)
        line |= {"figure": "right", "seen": f"{right}", "exact": f"{len(check.figures)}", "tolerance": "0"}
    else:
        figure = check.closest
        line |= {"figure": figure.name.replace("_", " "), "seen": _number(figure.seen), "exact": _number(figure.exact)}
        line |= {"tolerance": _number(figure.tolerance, 1)}
    line["verdict"] = Cell("pass", GOOD) if check.passed else Cell("FAIL", BAD)
    line["seconds"] = Cell(f"{check.seconds:.1f}", FAINT)
    return line


def _number(value: float, digits: int = 5) -> str:
    """Write a number in so many digits.

    >>> _number(0.7512345), _number(23573.2), _number(5.8e-16), _number(0.0), _number(0.0123, 1), _number(float("nan"))
    ('0.75123', '23,573', '5.8e-16', '0', '0.01', '-')
    """
    if not math.isfinite(value):
        return UNKNOWN
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.2g}" if 0 < abs(value) < 1e-3 else f"{value:.{digits}g}"
