"""From files to scenarios: extends, --set, CSV files, and nothing outside the folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from simfunnel.errors import ScenarioError
from simfunnel.scenario import load, parse, phases_of
from tests.unit.scenario.building import small

BASE = """\
period: {start: 2027-01-04}
channels:
  web: {leads: 60 / week, deal_value: 9k}
  chat: {leads: 20 / week, deal_value: 7k}
qualification: {threshold: 60}
pools:
  SDR: {stages: [discovery], reps: 5, selling_time: 50%}
stages: [{name: discovery, conversion: 45%}, {name: proposal, conversion: 25%}]
what_ifs:
  more: {pools.SDR.reps: 2 more}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE)
    return tmp_path


def refused(path: Path, *sets: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path, sets)
    return str(caught.value).replace(str(path.parent) + "/", "")


def test_a_scenario_keeps_its_file_its_text_s_hash_and_what_was_typed(folder: Path) -> None:
    scenario = load(folder / "base.yaml")

    assert scenario.file == str(folder / "base.yaml")
    assert scenario.sha256 == hashlib.sha256(BASE.encode()).hexdigest()
    assert scenario.raw["pools"]["SDR"]["reps"] == 5


def test_a_file_laid_over_another_types_only_what_differs(folder: Path) -> None:
    (folder / "own.yaml").write_text(
        "extends: base.yaml\ntitle: Ours\npools: {SDR: {reps: 7}}\nqualification: {mql_rate: 30%}\n"
        "what_ifs: {fewer: {pools.SDR.reps: 2 fewer}, both: [more, {cycle: 60 days}]}\n"
    )

    scenario = load(folder / "own.yaml")

    assert scenario.title == "Ours"
    assert scenario.pools["SDR"].reps == 7
    assert scenario.qualification.threshold is None
    assert list(scenario.what_ifs) == ["more", "fewer", "both"]
    assert phases_of(scenario, ["both"]).phases[1][1].pools["SDR"].reps == 9


def test_mistakes_are_told_in_the_file_that_makes_them(folder: Path) -> None:
    (folder / "base.yaml").write_text(BASE.replace("reps: 5", "reps: five"))
    (folder / "own.yaml").write_text("extends: base.yaml\nchannels: {web: {leads: 60}}\n")

    text = refused(folder / "own.yaml")

    assert "base.yaml:7:36: pools.SDR.reps: 'five'" in text
    assert "own.yaml:2:25: channels.web.leads: 60" in text


def test_a_chain_of_files_ends_at_the_one_without_extends(folder: Path) -> None:
    (folder / "a.yaml").write_text("extends: base.yaml\ntitle: A\n")
    (folder / "b.yaml").write_text("extends: a.yaml\ncurrency: EUR\n")

    scenario = load(folder / "b.yaml")

    assert (scenario.title, scenario.currency) == ("A", "EUR")


def test_a_circle_of_files_is_refused(folder: Path) -> None:
    (folder / "a.yaml").write_text("extends: b.yaml\n")
    (folder / "b.yaml").write_text("extends: a.yaml\n")

    assert "extends itself" in refused(folder / "a.yaml")


@pytest.mark.parametrize(
    "name", ["../base.yaml", "/etc/passwd", "C:/base.yaml", "sub/../../base.yaml", "nobody.yaml", "..\\base.yaml"]
)
def test_only_files_of_the_folder_can_be_extended(folder: Path, name: str) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "own.yaml").write_text(f"extends: '{name}'\n")

    assert "extends: " in refused(inner / "own.yaml")


def test_a_link_out_of_the_folder_is_refused(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(folder / "base.yaml")
    (inner / "own.yaml").write_text("extends: link.yaml\n")

    assert "leads out of the scenario's folder" in refused(inner / "own.yaml")


def test_a_file_too_large_or_not_utf8_or_missing_is_refused(folder: Path) -> None:
    (folder / "large.yaml").write_text("# " + "x" * 1_000_001)
    (folder / "latin.yaml").write_bytes("title: Käse\n".encode("latin-1"))

    assert "is larger than 1 MB" in refused(folder / "large.yaml")
    assert "is not UTF-8 text (byte 9)" in refused(folder / "latin.yaml")
    assert "no such file" in refused(folder / "nobody.yaml")
    assert "is a directory" in refused(folder)


def test_set_changes_the_base_before_it_is_judged(folder: Path) -> None:
    scenario = load(
        folder / "base.yaml", ["pools.SDR.reps=2 more", "channels.*.volume=10% more", "acceptance={rate: 50%}"]
    )

    assert scenario.pools["SDR"].reps == 7
    assert str(scenario.channels["web"].leads) == "66 / week"
    assert scenario.acceptance is not None
    assert scenario.acceptance.rate == 0.5


def test_set_may_frame_the_study_and_hold_an_equals_sign(folder: Path) -> None:
    scenario = load(folder / "base.yaml", ["period.start=2028-01-03", "title=a = b"])

    assert scenario.period.start.year == 2028
    assert scenario.title == "a = b"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pools.SDR.rep=6", "--set pools.SDR.rep: '6', names 'rep', which pools.SDR has not; did you mean reps?"),
        ("pools.SDR.reps=six", "--set pools.SDR.reps: pools.SDR.reps: 'six', is not a number"),
        ("pools.SDR.reps", "--set pools.SDR.reps: sets nothing"),
        ("=5", "sets nothing"),
        ("title=[1", "--set title: did not find expected"),
        (
            "qualification.threshold=none",
            "--set qualification.threshold: qualification.threshold: 'none', is not a number",
        ),
    ],
)
def test_a_wrong_set_says_so_at_its_place(folder: Path, text: str, message: str) -> None:
    found = refused(folder / "base.yaml", text)

    assert message in found or ("title" in text and "--set title: " in found)


def test_all_wrong_sets_are_told_at_once(folder: Path) -> None:
    assert len(refused(folder / "base.yaml", "a.b=1", "c=2").splitlines()) == 2


def test_a_profile_of_the_week_is_read_from_the_folder(folder: Path) -> None:
    rows = [f"{hour}," + ",".join("2" if 9 <= hour < 17 and day < 5 else "0" for day in range(7)) for hour in range(24)]
    (folder / "hours.csv").write_text("hour,mon,tue,wed,thu,fri,sat,sun\n" + "\n".join(rows) + "\n")
    (folder / "own.yaml").write_text("extends: base.yaml\nchannels: {web: {hours_of_week: hours.csv}}\n")

    profile = load(folder / "own.yaml").channels["web"].hours_of_week

    assert len(profile) == 168
    assert (profile[8], profile[9], profile[24 + 16], profile[5 * 24 + 10]) == (0.0, 2.0, 2.0, 0.0)


def test_an_opening_pipeline_is_read_from_the_folder(folder: Path) -> None:
    (folder / "open.csv").write_text("channel,stage,count,age\nweb,proposal,12,10 days\nchat,discovery,3,2 days\n")
    (folder / "own.yaml").write_text("extends: base.yaml\nopening_pipeline: open.csv\n")

    scenario = load(folder / "own.yaml")

    assert scenario.opening_pipeline is not None
    assert [(row.channel, row.count) for row in scenario.opening_pipeline] == [("web", 12), ("chat", 3)]
    assert scenario.run_in_days == 0
    assert not scenario.starts_empty


@pytest.mark.parametrize(
    ("csv", "rule"),
    [
        ("channel,stage,count\nweb,proposal,12\n", "begins with the columns channel, stage, count"),
        ("channel,stage,count,age\nweb,proposal,12\n", "has 3 cells in line 2"),
        ("channel,stage,count,age\nweb,proposal,0,1 day\n", "has a mistake in line 2 (count 0, is below 1)"),
        ("channel,stage,count,age\nweb,proposals,1,1 day\n", "is not a stage"),
        ("", "begins with the columns (none)"),
        ('channel,stage,count,age\n"web,proposal,1,1 day\n', "is broken at line"),
    ],
)
def test_a_wrong_table_says_in_which_line(folder: Path, csv: str, rule: str) -> None:
    (folder / "open.csv").write_text(csv)
    (folder / "own.yaml").write_text("extends: base.yaml\nopening_pipeline: open.csv\n")

    assert rule in refused(folder / "own.yaml")


def test_a_scenario_from_plain_values_names_no_files() -> None:
    raw = small(opening_pipeline="open.csv")

    with pytest.raises(ScenarioError, match="has no folder"):
        parse(raw)


def test_a_text_of_dates_and_tuples_is_read_like_a_file() -> None:
    from datetime import date

    scenario = parse(small(period={"start": date(2027, 1, 4), "months": 6}))

    assert scenario.period.n_days == 181


def test_a_file_that_is_no_text_is_told_at_its_first_byte_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("title: ok\ncurrency: \xdcSD\n".encode("latin-1"))

    with pytest.raises(ScenarioError, match=r"latin\.yaml:2:11: .*not UTF-8"):
        load(tmp_path / "latin.yaml")
