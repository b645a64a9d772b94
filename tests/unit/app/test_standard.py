"""Standard output of any encoding takes text, CSV and JSON; JSON means the same."""

from __future__ import annotations

import io
import json
import sys

import pytest

from simfunnel.app import standard

TEXT = "─ 10 ± 2 │ Größe → façade … €5 漢字 ░█"


def written(monkeypatch: pytest.MonkeyPatch, encoding: str, text: str) -> bytes:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    standard.write_anything()
    sys.stdout.write(text)
    sys.stdout.flush()
    return raw.getvalue()


def test_text_is_told_in_plain_letters_where_the_encoding_has_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    found = written(monkeypatch, "ascii", TEXT)

    assert found == rb"- 10 +/- 2 | Grosse -> facade ... EUR 5 \u6f22\u5b57 .#"


def test_what_an_encoding_has_is_written_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "± 2 | Größe -> façade … €5".encode("cp1252") in written(monkeypatch, "cp1252", TEXT)
    assert written(monkeypatch, "utf-8", TEXT) == TEXT.encode()


def test_a_part_of_a_file_name_that_is_no_text_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(monkeypatch, "utf-8", "a\udce9b") == rb"a\udce9b"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8", "utf-16"])
def test_json_means_the_same_in_every_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    value = {TEXT: [TEXT, "\U0001f600", "a\udce9b", '"\\u00e9"']}
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))

    fitting = standard.fitting_json(json.dumps(value, ensure_ascii=False))

    assert json.loads(fitting) == value
    assert fitting.isascii() == (encoding != "utf-8")
    fitting.encode(encoding)


def test_two_names_never_become_one_in_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))

    assert standard.fitting_csv("é,e,–,-") == r"\xe9,e,\u2013,-"
