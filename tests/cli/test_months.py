"""The months that results are shown by: of the period, of a fiscal year, and calendar months for the agreement."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import TINY, Command

YEAR = TINY.replace("weeks: 9, run_in: 8 weeks", "run_in: 4 weeks")
FEW = ("--replications", "2")
RUN = (*FEW, "--no-know", "--no-leaks", "--no-one-more")
SLA = "sla: {sales: {response: 60% within 8 working hours}}\n"


@pytest.fixture
def year(tmp_path: Path) -> str:
    """A year from a Monday in January, with an agreement."""
    (tmp_path / "year.yaml").write_text(YEAR + SLA)
    return str(tmp_path / "year.yaml")


def test_twelve_months_from_the_fourth_are_twelve_columns_everywhere(cli: Command, year: str) -> None:
    result = json.loads(cli("compare", year, "stricter", *FEW, "--json").out)
    names = [f"2027-{month:02}-04" for month in range(1, 13)]
    base = [each for each in result["metrics"] if each["plan"] == "today" and not {"channel", "pool"} & set(each)]

    assert [each["month"] for each in result["months"]] == names
    assert (result["months"][0]["last_day"], result["months"][-1]["last_day"]) == ("2027-02-03", "2028-01-03")
    for metric in ("revenue", "leads", "busy_share", "rep_cost", "profit"):
        assert [each["month"] for each in base if each["metric"] == metric and "month" in each] == names
    assert [[each["month"] for each in one["months"]] for one in result["transition"]] == [names, names]

    whole = {each["metric"]: each["mean"] for each in base if "month" not in each}
    for metric in ("revenue", "leads", "rep_cost"):
        parts = [each["mean"] for each in base if each["metric"] == metric and "month" in each]
        assert sum(parts) == pytest.approx(whole[metric])


def test_the_screens_have_as_many_months_as_the_period(
    cli: Command, year: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    run = cli("run", year, *RUN).out
    (line,) = [line for line in run.splitlines() if line.startswith("by month")]
    assert len(line.split()[2]) == 12
    assert "4 Jan 2027" in line
    assert "4 Dec 2027" in line

    lines = cli("compare", year, "stricter", *FEW).out.splitlines()
    at = next(k for k, text in enumerate(lines) if text.startswith("TRANSITION"))
    names = f"{lines[at + 1]} {lines[at + 2]}"
    assert "by month, each from day 4 on" in lines[at]
    months = [word for word in names.split() if word.isalpha()]
    assert " ".join(months) == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    assert "2028" not in names


def test_an_agreement_is_judged_by_whole_calendar_months_whatever_results_are_shown_by(cli: Command, year: str) -> None:
    for fiscal in ((), ("--set", "fiscal_year={first_day: 2027-01-04, weeks: 4-4-5}")):
        result = json.loads(cli("sla", year, *FEW, "--json", *fiscal).out)
        (clause,) = result["clauses"]
        assert [each["month"] for each in clause["by_month"]][1:12] == [f"2027-{month:02}" for month in range(2, 13)]
        assert clause["months_judged"] == 11
        run = json.loads(cli("run", year, *RUN, "--json", *fiscal).out)
        kept = [each["month"] for each in run["metrics"] if each["metric"] == "sla_kept" and "month" in each]
        assert kept[1:12] == [f"2027-{month:02}" for month in range(2, 13)]


def test_a_fiscal_year_names_the_months_on_screens_in_json_and_in_csv(
    cli: Command, year: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    fiscal = ("--set", "period.start=2027-02-01", "--set", "fiscal_year={first_day: 2027-02-01, weeks: 4-4-5}")
    names = [f"P{k} FY27/28" for k in range(1, 13)]

    found = json.loads(cli("run", year, *RUN, "--json", *fiscal).out)
    assert [each["month"] for each in found["months"]] == names
    assert found["months"][2] == {"month": "P3 FY27/28", "first_day": "2027-03-29", "last_day": "2027-05-02"}
    assert found["months"][-1]["last_day"] == "2028-01-31"  # a 53rd week's first day
    rows = list(csv.DictReader(io.StringIO(cli("run", year, *RUN, "--csv", *fiscal).out)))
    revenue = [row["month"] for row in rows if row["metric"] == "revenue" and row["month"] and not row["channel"]]
    assert revenue[:12] == names
    assert "P1 FY27/28" in cli("run", year, *RUN, *fiscal).out
    screen = cli("compare", year, "stricter", *FEW, *fiscal).out
    assert "by month of the fiscal year" in screen
    assert all(name in screen for name in ("P1", "P12", "FY27/28"))


def test_a_period_that_begins_within_a_fiscal_month_is_told(cli: Command, year: str) -> None:
    told = cli("check", year, "--replications", "0", "--set", "fiscal_year=apr")
    screen = " ".join(told.out.split())
    assert told.code == 0
    assert "begins within P10 FY26/27, which began on 2027-01-01: that month is shown in part" in screen
    assert "start on 2027-01-01 or 2027-02-01, or leave it so" in screen
    whole = cli("check", year, "--replications", "0", "--set", "fiscal_year=apr", "--set", "period.start=2027-04-01")
    assert "shown in part" not in whole.out


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("{first_day: 2027-02-01}", "add weeks: 4-4-5"),
        ("{weeks: 4-4-5}", "write starts: apr"),
        ("{starts: apr, weeks: 4-4-5}", "keep starts, or first_day and weeks"),
        ("april fool", "write one of jan, feb"),
        ("{first_day: 2027-02-01, weeks: 5-5-3}", "4-4-5"),
        ("4", "write one of jan, feb"),
    ],
)
def test_a_fiscal_year_that_does_not_say_its_beginning_is_refused(
    cli: Command, year: str, typed: str, told: str
) -> None:
    done = cli("check", year, "--set", f"fiscal_year={typed}")
    assert done.code == 2
    assert told in " ".join(done.err.split())
