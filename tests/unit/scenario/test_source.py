"""Reading YAML: what scalars mean, where values stand, and limits against hostile files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from simfunnel.errors import ScenarioError
from simfunnel.scenario import load
from simfunnel.scenario.read.source import read_yaml


def rules(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read_yaml(text, "x.yaml")
    return [problem.rule for problem in caught.value.problems]


def test_words_that_old_yaml_took_for_truth_values_stay_words() -> None:
    assert read_yaml("{country: NO, flag: on, yes: yes}", None).data == {"country": "NO", "flag": "on", "yes": "yes"}


def test_numbers_truth_values_and_dates_are_what_they_look_like() -> None:
    data = read_yaml("{a: 0755, b: 1.5, c: true, d: 2027-01-04, e: '12', f: 1e3, g: .5}", None).data

    assert data == {"a": 755, "b": 1.5, "c": True, "d": "2027-01-04", "e": "12", "f": 1000.0, "g": 0.5}


def test_keys_are_text_as_typed() -> None:
    assert read_yaml("{10: 1.0, 0 hours: 2, 007: 3}", None).data == {"10": 1.0, "0 hours": 2, "007": 3}


def test_a_number_too_long_for_a_number_stays_text() -> None:
    assert read_yaml("{a: 1e999, b: " + "9" * 400 + "}", None).data["a"] == "1e999"


def test_every_value_knows_its_line_and_column() -> None:
    places = read_yaml("a:\n  - {b: 1,\n     c: [2, 3]}\n", "x.yaml").places

    place = places.get(("a", 0, "c", 1))
    assert place is not None
    assert place.value == (3, 13)
    assert places.get(("a", 0, "c")).key == (3, 6)  # type: ignore[union-attr]


def test_aliases_repeat_values_and_keep_their_own_place() -> None:
    document = read_yaml("a: &x {b: 1}\nc: *x\n", "x.yaml")

    assert document.data["c"] == {"b": 1}
    assert document.data["c"] is not document.data["a"]
    assert document.places.nearest(("c", "b")).value == (2, 4)  # type: ignore[union-attr]


def test_everything_wrong_with_a_text_is_said_at_once() -> None:
    assert rules("a: 1\na: 2\nb:\nc: !x 1\n") == ["is typed twice", "has no value", "has the tag !x"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("x: " + "[" * 200_000, "is nested deeper than 40 levels"),
        ("x: " + "{a: " * 50 + "}" * 50, "is nested deeper than 40 levels"),
        ("\n".join(f"k{i}: {i}" for i in range(15_000)), "holds more than 10,000 values"),
        ("a: &a [1]\nb: [" + ", ".join(["*a"] * 101) + "]", "repeats too much by aliases"),
        ("a: *nowhere", "refers to *nowhere before it is complete"),
        ('a: "\\Uffffffff"', "cannot be read"),
        ("a: 1\n---\nb: 2", "a second document begins here"),
    ],
)
def test_hostile_texts_are_refused_quickly(text: str, rule: str) -> None:
    started = time.perf_counter()

    found = rules(text)

    assert rule in found[-1]
    assert time.perf_counter() - started < 5.0


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "{}\n"])
def test_what_a_file_without_values_lacks_is_told_with_its_name_and_a_line(text: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)

    with pytest.raises(ScenarioError) as caught:
        load(file)

    assert {(problem.file, problem.line is None) for problem in caught.value.problems} == {(str(file), False)}


def test_an_empty_text_is_an_empty_scenario() -> None:
    assert read_yaml("# nothing\n", None).data == {}
