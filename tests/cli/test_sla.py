"""`simfunnel sla`: chances, causes, promises, and what is said when there is no agreement."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import TINY, Command

AGREEMENT = """\
sla:
  marketing: {mqls: 50 to 90 / month}
  sales: {response: 60% within 8 working hours, acceptance: at least 55%}
  other: [{metric: busy_share, at_most: 90%, pool: SDR}]
"""
FEW = ("--replications", "8")


@pytest.fixture
def agreed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A scenario file with an agreement."""
    (tmp_path / "agreed.yaml").write_text(TINY + AGREEMENT)
    monkeypatch.chdir(tmp_path)
    return "agreed.yaml"


def test_the_screen_says_how_likely_each_clause_is_kept_and_what_could_be_promised(cli: Command, agreed: str) -> None:
    done = cli("sla", agreed, "--replications", "60", "--confidence", "80%")

    assert done.code == 0
    for words in ("marketing.mqls", "50 to 90 a month", "in all months", "PROMISE", "80 in 100 periods", "all clauses"):
        assert words in done.out


def test_too_few_years_promise_nothing_and_say_how_many_would(cli: Command, agreed: str) -> None:
    done = cli("sla", agreed, *FEW)

    assert "too few" in done.out
    assert "--replications 89" in done.out


def test_the_json_and_the_csv_hold_chances_causes_and_promises(cli: Command, agreed: str) -> None:
    result = json.loads(cli("sla", agreed, *FEW, "--json", "--confidence", "50%").out)
    rows = list(csv.DictReader(io.StringIO(cli("sla", agreed, *FEW, "--csv", "--confidence", "50%").out)))

    assert (result["schema"], result["confidence"], result["replications"]) == ("simfunnel.sla/1", 0.5, 8)
    assert [each["clause"] for each in result["clauses"]] == [
        "marketing.mqls", "sales.response", "sales.acceptance", "other.busy_share[SDR]"
    ]  # fmt: skip
    for clause in result["clauses"]:
        assert clause["month"]["low"] <= clause["month"]["share"] <= clause["month"]["high"]
    assert {row["kind"] for row in rows} >= {"month", "year", "by month", "breaches"}


LATE = """\
sla:
  marketing: {win_share: 4%}
  sales: {response: 60% within 8 working hours}
  other: [{metric: open_deals, at_most: 0.1}]
"""


def test_a_clause_that_can_never_be_judged_leaves_the_others_their_months(cli: Command, tiny: str) -> None:
    Path("late.yaml").write_text(TINY.replace("{name: proposal,", "{name: proposal, wait: 1 year,") + LATE)

    done = cli("sla", "late.yaml", "--replications", "40")

    assert done.code == 0
    said = " ".join(done.out.split())
    assert "marketing.win_share at least 4% too early to say too early to say" in said
    assert "marketing.win_share no month can be judged" in said
    assert "other.open_deals at most 0.1 - 0% (0 to 8.8)" in said
    assert "other.open_deals once for the whole period" in said


def test_without_a_whole_month_no_clause_is_said_to_be_kept(cli: Command, tiny: str) -> None:
    short = TINY.replace("weeks: 9", "weeks: 3").replace("2027-02-01", "2027-01-11")
    Path("short.yaml").write_text(short + "sla: {marketing: {mqls: 5 to 9 / month}}\n")

    done = cli("sla", "short.yaml", *FEW)

    assert "Nothing could be judged." in done.out
    assert "nothing yet: no month can be judged" in done.out


def test_a_what_if_has_an_agreement_of_its_own_to_keep(cli: Command, agreed: str) -> None:
    today, stricter = (
        json.loads(cli("sla", agreed, *FEW, "--json", *words).out) for words in ((), ("--what-if", "stricter"))
    )

    assert (today["plan"], stricter["plan"]) == ("today", "stricter")
    assert stricter["clauses"][0]["month"]["share"] < today["clauses"][0]["month"]["share"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--confidence", "110%"), "--confidence"),
        (("--confidence", "often"), "--confidence"),
        (("--what-if", "strict"), "there is no what-if of this name"),
    ],
)
def test_what_does_not_hold_is_refused(cli: Command, agreed: str, words: tuple[str, ...], said: str) -> None:
    done = cli("sla", agreed, *words)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_file_without_an_agreement_is_refused_with_an_example(cli: Command, tiny: str) -> None:
    done = cli("sla", tiny)

    assert (done.code, done.out) == (2, "")
    assert "no agreement is typed; add sla, e.g. sla: {marketing:" in done.err


def test_ranges_at_their_middles_are_told(cli: Command, agreed: str) -> None:
    done = cli("sla", agreed, *FEW, "--set", "acceptance.rate=50% to 70%")

    assert "ranges are taken at their middles here: acceptance.rate at 60%" in " ".join(done.out.split())


def test_minutes_and_seconds_are_printed_as_such(cli: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    for within in ("45 minutes", "30 seconds", "8 working hours", "2 business days"):
        (tmp_path / "quick.yaml").write_text(TINY + f"sla: {{sales: {{response: 60% within {within}}}}}\n")
        done = cli("sla", str(tmp_path / "quick.yaml"), "--replications", "30", "--confidence", "50%")
        screen = " ".join(done.out.split())
        assert f"60% within {within}" in screen
        assert screen.count(f"within {within}") >= 2  # what is promised, and what could be

    row = json.loads(cli("sla", str(tmp_path / "quick.yaml"), "--replications", "2", "--json").out)["clauses"][0]
    assert (row["within"], row["within_hours"], row["clock"]) == ("2 business days", 16, "working")


def test_promises_by_channel_are_named_by_it_everywhere(cli: Command, tmp_path: Path) -> None:
    typed = TINY.replace("channels: {web:", "channels: {chat: {leads: 20 / week, deal_value: 7k}, web:")
    response = "{default: 95% within 1 hour, chat: 90% within 5 minutes}"
    (tmp_path / "by.yaml").write_text(f"{typed}sla: {{sales: {{response: {response}}}}}\n")
    names = ["sales.response[chat]", "sales.response[web]"]
    file = str(tmp_path / "by.yaml")

    found = json.loads(cli("sla", file, "--replications", "2", "--json").out)["clauses"]
    assert [(each["clause"], each["within"], each["low"]) for each in found] == [
        (names[0], "5 minutes", 0.9), (names[1], "1 hour", 0.95)
    ]  # fmt: skip
    run = cli("run", file, "--replications", "2")
    assert all(name in run.out for name in names)
    compared = json.loads(cli("compare", file, "stricter", "--replications", "2", "--json").out)
    kept = {each.get("band") for each in compared["differences"] if each["metric"] == "sla_months_kept"}
    assert set(names) <= kept

    changed = cli("sla", file, "--replications", "2", "--set", "sla.sales.response.chat=80% within 2 hours", "--json")
    assert [each["within"] for each in json.loads(changed.out)["clauses"]] == ["2 hours", "1 hour"]
    wrong = cli("sla", file, "--set", "sla.sales.response.chut=80% within 2 hours")
    assert (wrong.code, "did you mean chat" in wrong.err) == (2, True)


def test_one_promise_for_all_becomes_the_default_beside_that_of_a_channel(cli: Command, agreed: str) -> None:
    done = cli("sla", agreed, *FEW, "--set", "sla.sales.response.default=50% within 1 hour", "--json")
    assert [each["clause"] for each in json.loads(done.out)["clauses"]][1] == "sales.response[web]"


def test_a_metric_is_promised_in_the_clock_that_it_is_measured_in(cli: Command, agreed: str) -> None:
    def told(metric: str, most: str) -> str:
        return cli("sla", agreed, *FEW, "--set", f"sla.other=[{{metric: {metric}, at_most: {most}}}]").err

    assert "promise response_working_p90 instead" in told("response_p90", "4 working hours")
    assert "promise response_p90 instead" in told("response_working_p90", "4 hours")
    assert "is promised as a time (4 hours), but measured as share" in told("busy_share", "4 hours")
    assert "error" not in told("response_p90", "4 hours").lower()
