"""The JSON Schema, the reference made from it, and the starter."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from simfunnel.scenario import check, load, parse, phases_of, reference_text, schema, starter_text
from simfunnel.scenario.change.paths import fields_of
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.read.source import read_yaml
from simfunnel.scenario.tell.reference import EDITOR_LINE, models_below

SCENARIOS = Path(__file__).parents[3] / "scenarios"
SHIPPED = sorted(SCENARIOS.glob("*.yaml"))


def properties(found: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    blocks = {"Scenario": found} | found["$defs"]
    return [
        (name, key, body)
        for name, block in blocks.items()
        for kind in (block, *block.get("anyOf", ()))
        for key, body in kind.get("properties", {}).items()
    ]


def test_the_schema_is_a_valid_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_scenario_carries_the_editor_line_and_fits_the_schema(file: Path) -> None:
    text = file.read_text()

    assert text.startswith(EDITOR_LINE + "\n")
    errors = list(jsonschema.Draft202012Validator(schema()).iter_errors(read_yaml(text, str(file)).data))
    assert errors == []


def test_every_field_is_described_and_marked() -> None:
    for model, key, body in properties(schema()):
        assert body.get("description"), (model, key)
        assert body.get("x-simfunnel") in ("belief", "lever", "fact"), (model, key)


def test_only_the_beliefs_of_the_model_are_marked_so() -> None:
    found = {(model, key) for model, key, body in properties(schema()) if body["x-simfunnel"] == "belief"}

    assert found == {
        ("Scenario", "speed_to_lead"),
        ("Speed", "strength"),
        ("Speed", "odds"),
        ("Pool", "load"),
        ("Load", "strength"),
        ("Load", "odds"),
        ("Load", "effort"),
        ("Stage", "conversion"),
        ("Stage", "quality_odds"),
    }


def test_an_unknown_key_and_a_wrong_word_do_not_fit_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    data = read_yaml((SCENARIOS / "minimal.yaml").read_text(), None).data

    assert not validator.is_valid(data | {"chanels": {}})
    data["pools"]["SDR"]["discipline"] = "lifo"
    assert not validator.is_valid(data)


def test_a_file_that_extends_another_needs_nothing_else() -> None:
    assert jsonschema.Draft202012Validator(schema()).is_valid({"extends": "b2b.yaml"})


def test_the_reference_is_what_the_schema_makes_of_it() -> None:
    assert (SCENARIOS / "reference.yaml").read_text() == reference_text()


def test_every_field_of_every_part_occurs_in_the_reference() -> None:
    words = set(re.findall(r"([A-Za-z0-9_]+):", reference_text()))
    internal = {"never", "value"}  # written as `none` and as the bare value

    for name, model in models_below(Scenario).items():
        assert set(fields_of(model)) - internal <= words, name


def test_the_reference_runs_as_it_stands() -> None:
    scenario = load(SCENARIOS / "reference.yaml")

    assert check(scenario) == []
    for name in scenario.what_ifs:
        phases_of(scenario, [name])


def test_the_starter_runs_as_it_stands_and_names_its_file() -> None:
    text = starter_text("mine.yaml")
    scenario = parse(text)

    assert text.startswith(EDITOR_LINE)
    assert "simfunnel run mine.yaml" in text
    assert check(scenario) == []
    for name in scenario.what_ifs:
        phases_of(scenario, [name])


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_scenario_loads_with_all_its_what_ifs(file: Path) -> None:
    scenario = load(file)

    for name in scenario.what_ifs:
        phases_of(scenario, [name])
        phases_of(scenario, [name], "settled")
