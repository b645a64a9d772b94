"""No trace of one machine in what is shipped: its paths, its registries, its errands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

FOLDERS = ("simfunnel", "tests", "docs", "scenarios", "benchmarks", ".ci")
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".txt", ".csv", ".html", ".cfg", ".ini", ""}

# spelt in two halves, so that this file does not contain them itself
PLACES = ["/" + "work/", "/" + "root/", "/" + "home/", "/tmp/" + "w/", "file:" + "///", "C:" + "\\Users"]
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "anaconda" + ".org", "index-" + "url"]
ERRANDS = [r"(?<![\w/.-])shared" + r"/", r"\bissues? " + r"#?\d", r"#" + r"\d+\b(?![\w;])(?=[^\n]*\bissue\b)"]
FORBIDDEN = [re.escape(word) for word in PLACES + REGISTRIES] + ERRANDS


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project with its text."""
    tops = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    nested = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in sorted(tops + nested):
        if path.suffix in TEXT and "__pycache__" not in path.parts and not path.name.startswith(".coverage"):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def traces_in(text: str) -> list[str]:
    """The forbidden words that `text` contains."""
    return [found.group() for word in FORBIDDEN for found in re.finditer(word, text)]


def test_no_file_names_a_machine_or_an_errand() -> None:
    assert [(str(path), word) for path, text in texts() for word in traces_in(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "see " + "/" + "work/notes",
        "cd " + "/" + "root/x",
        "https://" + "py" + "pi.org/simple",
        "as " + "shared" + "/MODEL.md says",
        "left for issue" + " 3",
    ],
)
def test_a_trace_is_caught(text: str) -> None:
    assert traces_in(text)


@pytest.mark.parametrize("text", ["routing: shared queue", "https://example.org/work", "networks", "an issue of trust"])
def test_plain_words_are_let_pass(text: str) -> None:
    assert not traces_in(text)


def test_the_files_that_people_read_first_are_looked_at() -> None:
    seen = {str(path) for path, _ in texts()}

    assert {"README.md", "pyproject.toml", ".ci/run", "constraints.txt"} <= seen
