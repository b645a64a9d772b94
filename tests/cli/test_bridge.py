from __future__ import annotations

import csv
import io
import json

import pytest

from tests.cli.conftest import Command

FEW = ("--replications", "3")


def test_a_bridge_to_a_plan_says_what_each_change_brings(cli: Command, tiny: str) -> None:
    done = cli("bridge", tiny, "both", *FEW)

    assert done.code == 0
    for words in ("BRIDGE", "today", "  stricter", "  one_more", "difference", "qualification.mql_rate: 20%"):
        assert words in done.out
    assert "every order" in done.out


def test_a_bridge_to_the_target_ranks_leaks_with_owner_and_lever(
    cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    done = cli("bridge", tiny, "--to", "1M", *FEW)

    assert done.code == 0
    for words in ("all repaired", "only more leads or better closing", "target", "1,000", "NO LEAK", "exactly 0"):
        assert words in " ".join(done.out.split())
    for words in ("too few reps", "sales", "pools.*.reps", "rejected by sales", "both", "score.accuracy", "marketing"):
        assert words in done.out


def test_the_json_and_the_csv_of_a_bridge_hold_the_same_numbers(cli: Command, tiny: str) -> None:
    result = json.loads(cli("bridge", tiny, "both", "--json", *FEW).out)
    text = cli("bridge", tiny, "both", "--csv", *FEW).out
    rows = list(csv.DictReader(io.StringIO(text)))

    assert text.startswith("kind,plan,part,of,metric,unit,owner,lever,mean")
    assert list(result)[:3] == ["schema", "version", "scenario"]
    assert (result["schema"], result["after"], result["replications"]) == ("simfunnel.bridge/1", "both", 3)
    parts = {(row["part"], row["metric"]): float(row["mean"]) for row in rows if row["kind"] == "part"}
    assert parts == {(each["part"], each["metric"]): each["mean"] for each in result["parts"]}
    total = next(each for each in result["totals"] if each["metric"] == "revenue")
    assert sum(parts[name, "revenue"] for name in ("stricter", "one_more")) == pytest.approx(
        total["difference"]["mean"]
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("stricterr",), "did you mean stricter?"),
        (("stricter", "--to", "1M"), "--to"),
        (("--to", "plenty"), "this is not an amount of money"),
        (("--to", "0"), "write an amount above 0"),
        (("--replications", "0"), "--replications"),
    ],
)
def test_what_makes_no_bridge_is_told_with_a_remedy(cli: Command, tiny: str, words: tuple[str, ...], said: str) -> None:
    done = cli("bridge", tiny, *words)

    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_run_says_what_repairing_each_leak_alone_would_bring_unless_asked_not_to(cli: Command, tiny: str) -> None:
    asked, unasked = cli("run", tiny, *FEW), cli("run", tiny, "--no-leaks", *FEW)

    assert "LEAKS" in asked.out
    assert "repaired alone" in asked.out
    assert "simfunnel bridge tiny.yaml" in " ".join(asked.out.split())
    assert "LEAKS" not in unasked.out
    assert "LOST ON THE WAY" in unasked.out
