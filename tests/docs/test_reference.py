"""The reference is made from the code, and is what the code says today."""

from __future__ import annotations

import pytest

from docs import generate
from docs.generate import PAGES, ROOT, fields_of, main, references, table


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_page_is_current(name: str) -> None:
    written = (ROOT / name).read_text(encoding="utf-8")

    assert written == PAGES[name](), "run: python docs/generate.py"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "--check"),
        (["--chek"], 2, "--chek"),
        (["docs/no.md"], 2, "no page is called docs/no.md"),
    ],
)
def test_help_and_what_is_unknown_write_nothing(
    words: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "stale", lambda *_, **__: pytest.fail("pages were made"))

    with pytest.raises(SystemExit) as left:
        main(words)

    assert left.value.code == code
    assert said in "".join(capsys.readouterr())


def test_a_page_that_is_not_current_is_named_and_not_written_by_a_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = (ROOT / "README.md").read_bytes()
    monkeypatch.setattr(generate, "stale", lambda names, slow: dict.fromkeys(names, "other"))

    assert main(["--check", "README.md"]) == 1
    assert capsys.readouterr().out == "README.md is not current\n"
    assert (ROOT / "README.md").read_bytes() == written


def test_every_metric_has_its_line() -> None:
    from simfunnel.metrics import TABLE

    written = (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8")

    assert [name for name in TABLE if f"| `{name}` |" not in written] == []


def test_every_column_of_the_ledger_has_its_line() -> None:
    from simfunnel.ledger.columns import TABLES

    written = (ROOT / "docs/reference/ledger.md").read_text(encoding="utf-8")

    assert [c.name for columns in TABLES.values() for c in columns if f"| `{c.name}` |" not in written] == []


def test_a_bar_in_a_cell_does_not_end_the_cell() -> None:
    assert table(("a",), [("x|y",)]).splitlines()[-1] == r"| x\|y |"


def test_a_field_of_the_schema_becomes_a_line_with_mark_form_and_default() -> None:
    shape = {
        "properties": {
            "reps": {"type": "integer", "x-simfunnel": "lever", "examples": [5], "default": 1, "description": "heads"},
            "name": {"anyOf": [{"$ref": "#/$defs/Text"}, {"type": "null"}]},
        },
        "required": ["name"],
    }

    lines = fields_of(shape).splitlines()

    assert lines[2] == "| `reps` | lever | whole number | `5` | `1` | heads |"
    assert lines[3] == "| `name` | - | [Text](#text) | - | required |  |"
    assert list(references(shape)) == ["Text"]
