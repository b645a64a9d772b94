from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from simfunnel.engine import simulate
from simfunnel.ledger import Ledger
from simfunnel.plan import Plan
from tests.cli.conftest import Command


def test_init_writes_a_starter_that_check_accepts(cli: Command, tiny: str) -> None:
    assert cli("init", "mine.yaml").code == 0
    done = cli("check", "mine.yaml", "--replications", "0")

    assert done.code == 0
    assert "ASSUMED" in done.out


def test_init_writes_the_schema_that_its_first_line_names(cli: Command, tiny: str) -> None:
    Path("plans").mkdir()

    done = cli("init", "plans/mine.yaml")

    named = Path("plans/mine.yaml").read_text().splitlines()[0].partition("$schema=")[2]
    assert done.code == 0
    assert Path("plans", named).read_text() == cli("schema").out
    assert cli("init", "plans/second.yaml").code == 0


def test_init_keeps_another_schema_unless_forced(cli: Command, tiny: str) -> None:
    Path("scenario.schema.json").write_text("{}")

    refused = cli("init", "mine.yaml")

    assert refused.code == 2
    assert "scenario.schema.json" in refused.err
    assert "--force replaces it" in refused.err.replace("\n", " ")
    assert [path.name for path in Path().iterdir() if path.name != tiny] == ["scenario.schema.json"]
    assert Path("scenario.schema.json").read_text() == "{}"
    assert cli("init", "mine.yaml", "--force").code == 0
    assert "properties" in json.loads(Path("scenario.schema.json").read_text())


def test_init_keeps_a_file_that_exists(cli: Command, tiny: str) -> None:
    before = Path(tiny).read_text()

    done = cli("init", tiny)

    assert done.code == 2
    assert "--force overwrites it" in done.err
    assert Path(tiny).read_text() == before


def test_the_schema_is_a_json_schema_with_every_top_level_field(cli: Command) -> None:
    schema = json.loads(cli("schema").out)

    assert {"channels", "stages", "pools", "what_ifs"} <= set(schema["properties"])


@pytest.mark.parametrize("command", ["run", "check"])
def test_reps_without_limit_are_shown_as_such(cli: Command, tiny: str, command: str) -> None:
    text = Path(tiny).read_text()  # one more than no limit is refused
    Path(tiny).write_text(text.replace("one_more: {pools.SDR.reps: 1 more}", "one_more: {pools.AE.reps: 1 more}"))

    lines = cli(command, tiny, "--set", "pools.SDR.reps=unlimited", "--replications", "2").out.splitlines()

    assert any(line.split()[:2] == ["SDR", "unlimited"] for line in lines)
    assert any(line.split()[:2] == ["AE", "2"] for line in lines)


def test_output_takes_the_form_that_its_name_asks_for(cli: Command, tiny: str) -> None:
    assert cli("run", tiny, "--replications", "2", "--output", "r.json").out == ""
    cli("run", tiny, "--replications", "2", "--output", "r.csv")
    cli("run", tiny, "--replications", "2", "--output", "r.txt")

    assert json.loads(Path("r.json").read_text())["schema"] == "simfunnel.run/1"
    assert Path("r.csv").read_text().startswith("kind,plan,metric,unit,")
    assert "REVENUE" in Path("r.txt").read_text()


def test_a_result_is_not_overwritten_unless_forced(cli: Command, tiny: str) -> None:
    Path("r.json").write_text("mine")

    refused = cli("run", tiny, "--replications", "2", "--output", "r.json")
    forced = cli("run", tiny, "--replications", "2", "--output", "r.json", "--force")

    assert (refused.code, forced.code) == (2, 0)
    assert "exists already" in refused.err
    assert json.loads(Path("r.json").read_text())["seed"] == 1


def test_the_ledger_has_every_lead_of_every_simulated_year(cli: Command, tiny: str) -> None:
    done = cli("run", tiny, "--replications", "2", "--ledger", "leads.csv", "--tasks", "tasks.csv")

    assert done.code == 0
    with Path("leads.csv").open() as file:
        leads = list(csv.DictReader(file))
    assert {row["replication"] for row in leads} == {"0", "1"}
    assert {row["plan"] for row in leads} == {"today"}
    with Path("tasks.csv").open() as file:
        assert {"case", "activity", "resource", "start", "end"} <= set(next(csv.DictReader(file)))


def test_ledgers_cost_no_second_simulation(cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    simulated: list[int] = []

    def counted(plan: Plan, seed: int, replication: int, engine: str) -> Ledger:
        simulated.append(replication)
        return simulate(plan, seed, replication, engine)

    cli("run", tiny, "--replications", "8")  # calibrates
    monkeypatch.setattr("simfunnel.study.years.calls.simulate", counted)
    cli("run", tiny, "--replications", "8")
    without = [simulated.pop() for _ in range(len(simulated))]
    cli("run", tiny, "--replications", "8", "--ledger", "leads.csv", "--tasks", "tasks.csv")

    assert simulated[:8] == list(range(8))
    assert len(simulated) == len(without)


def test_an_unknown_path_leaves_no_half_of_a_ledger(cli: Command, tiny: str) -> None:
    assert cli("run", tiny, "--ledger", "leads.csv", "--set", "pools.SDR.rep=2").code == 2
    assert [path.name for path in Path().iterdir()] == [tiny]


def test_a_ledger_that_exists_is_kept(cli: Command, tiny: str) -> None:
    Path("leads.csv").write_text("mine")

    assert cli("run", tiny, "--ledger", "leads.csv").code == 2
    assert Path("leads.csv").read_text() == "mine"
