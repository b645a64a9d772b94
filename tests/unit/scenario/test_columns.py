"""Tables of a scenario as spreadsheets of any country write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from simfunnel.distributions import mean
from simfunnel.errors import ScenarioError
from simfunnel.scenario import Scenario, load
from tests.unit.scenario.test_loading import BASE

OPEN = ("channel", "stage", "count", "age")
WEEK = ("hour", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
in_any_form = pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])


def written(rows: list[tuple[str, ...]], delimiter: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def loaded(folder: Path, text: str, line: str) -> Scenario:
    (folder / "table.csv").write_text(text, encoding="utf-8", newline="")
    (folder / "base.yaml").write_text(BASE)
    (folder / "own.yaml").write_text(f"extends: base.yaml\n{line}\n")
    return load(folder / "own.yaml")


def opened(folder: Path, rows: Sequence[tuple[str, ...]], delimiter: str, above: str = "") -> list[tuple[int, float]]:
    text = above + written([OPEN, *rows], delimiter)
    pipeline = loaded(folder, text, "opening_pipeline: table.csv").opening_pipeline
    assert pipeline is not None
    return [(row.count, mean(row.age.compile(8.0))) for row in pipeline]


def mondays(folder: Path, weights: list[str], delimiter: str) -> tuple[float, ...]:
    rows = [(str(hour), weights[hour] if hour < len(weights) else "0", *["0"] * 6) for hour in range(24)]
    text = written([WEEK, *rows], delimiter)
    profile = loaded(folder, text, "channels: {web: {hours_of_week: table.csv}}").channels["web"].hours_of_week
    return tuple(float(weight) for weight in profile[: len(weights)])


@in_any_form
def test_a_pipeline_is_read_with_any_delimiter_and_a_decimal_comma(delimiter: str, tmp_path: Path) -> None:

    with pytest.raises(ScenarioError) as caught:
        opened(tmp_path, [("web", "proposal", "1.250", "1,5 days")], delimiter)

    assert "table.csv" in str(caught.value)
    assert "says in line 2, column count, 1.250, which may mean 1.25, or 1250 with a point" in str(caught.value)
    rows = [("web", "proposal", "12", "1,5 days"), ("chat", "discovery", "3", "1.000 hours")]
    assert opened(tmp_path, rows, delimiter) == [(12, 36.0), (3, 1000.0)]


@in_any_form
def test_weights_with_a_decimal_comma_are_those_with_a_point(delimiter: str, tmp_path: Path) -> None:
    exact = (0.4, 12.5, 1.25, 1234.5)

    assert mondays(tmp_path, ["0.4", "12.5", "1.25", "1234.5"], delimiter) == exact
    assert mondays(tmp_path, ["0,4", "12,5", "1,25", "1.234,5"], delimiter) == exact
    assert mondays(tmp_path, ["0.4", "12.5", "1.25", "1,234.5"], delimiter) == exact


@in_any_form
def test_a_column_tells_itself_what_its_marks_mean(delimiter: str, tmp_path: Path) -> None:
    assert mondays(tmp_path, ["1,234", "0,5"], delimiter) == (1.234, 0.5)
    assert mondays(tmp_path, ["1,234", "0.5"], delimiter) == (1234.0, 0.5)
    assert mondays(tmp_path, ["1.000", "0,125"], delimiter) == (1000.0, 0.125)
    assert mondays(tmp_path, ["1.000", "0.125"], delimiter) == (1.0, 0.125)


@in_any_form
@pytest.mark.parametrize(
    ("typed", "decimal", "thousands", "write"),
    [
        ("1,234", "1.234", "1234", "write 1,2340 or 1234"),
        ("1.000", "1", "1000", "write 1 or 1000"),
        ("12.500", "12.5", "12500", "write 12.5 or 12500"),
        ("250,750", "250.75", "250750", "write 250,75 or 250750"),
    ],
)
def test_a_number_with_two_readings_is_asked_about(
    typed: str, decimal: str, thousands: str, write: str, delimiter: str, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError) as caught:
        mondays(tmp_path, ["7", typed, "3"], delimiter)

    told = str(caught.value)
    for part in ("table.csv", f"line 3, column mon, {typed},", f"may mean {decimal}, or {thousands} with", write):
        assert part in told
    for answer in write.removeprefix("write ").split(" or "):
        assert mondays(tmp_path, ["7", answer, "3"], delimiter)[1] in (float(decimal), float(thousands))


def test_two_decimal_marks_in_a_column_are_told_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"column mon: 2\.5 in line 3, 0,4 in line 2"):
        mondays(tmp_path, ["0,4", "2.5"], ";")


def test_the_line_that_a_spreadsheet_writes_above_the_header_is_passed_over(tmp_path: Path) -> None:
    assert opened(tmp_path, [("web", "proposal", "12", "2 days")], ";", above="sep=;\r\n") == [(12, 48.0)]
    with pytest.raises(ScenarioError, match=r"line 3, column count"):
        opened(tmp_path, [("web", "proposal", "1.000", "2 days")], ";", above="sep=;\r\n")


def test_an_unquoted_decimal_comma_between_commas_is_told_with_a_way_out(tmp_path: Path) -> None:
    text = "channel,stage,count,age\nweb,proposal,12,1,5 days\n"

    with pytest.raises(ScenarioError, match=r"has 5 cells in line 2.*quote a number with a comma"):
        loaded(tmp_path, text, "opening_pipeline: table.csv")


@pytest.mark.parametrize("number", ["9" * 400 + ",5", "9" * 400 + ".5", "9" * 400, "1,5e400"], ids=str.__len__)
def test_a_number_beyond_all_floats_is_refused_with_its_line(number: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="in line 2"):
        opened(tmp_path, [("web", "proposal", number, "1 day")], ";")
    with pytest.raises(ScenarioError, match="in line 2"):
        mondays(tmp_path, [number], ";")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("channel,stage,count,age\nweb,proposal,1.5,1 day\n", "line 2 (count 1.5, is not a whole number)"),
        ("channel,stage,count,age\nweb,proposal, 1.50 ,1 day\n", "line 2 (count 1.50, is not a whole number)"),
        ("channel;stage;count;age\nweb;proposal;1,5;1 day\n", "line 2 (count 1,5, is not a whole number)"),
        (
            "channel;stage;count;age\nweb;proposal;2;1,5\n",
            "(age 1,5, a duration needs a unit); write 1.5 minutes",
        ),
        ("channel;stage;count;age\nweb;proposal;2;1,5 dys\n", "line 2 (age '1,5 dys', 'dys' is not a unit of time)"),
        ("channel,stage,count,age\nweb,proposal,,1 day\n", "line 2 (count nothing, is not a number)"),
        (
            "channel,stage,count,age\nweb,proposal,x,1 day\nweb,proposal,-1,1 day\n",
            "and others in 1 more line;",
        ),
    ],
)
def test_a_wrong_cell_is_told_as_it_stands_in_the_file(tmp_path: Path, table: str, told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        loaded(tmp_path, table, "opening_pipeline: table.csv")

    assert told in str(caught.value)
