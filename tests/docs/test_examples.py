"""What the pages show is what happens: transcripts are run, scenarios loaded, Python executed."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate import ROOT, all_names, stale
from docs.transcripts import SECONDS, Block, blocks, commands, refreshed, scratch

MARKS = re.compile(r"run|run by hand|scenario|part of [\w./]+\.yaml")


def marked(language: str) -> list[tuple[str, Block]]:
    """(page, block) of every marked block in a language."""
    pages = ((name, (ROOT / name).read_text(encoding="utf-8")) for name in all_names() if (ROOT / name).exists())
    return [(name, block) for name, text in pages for block in blocks(text) if block.language == language]


def pages_with(language: str) -> list[str]:
    """Pages with a block in a language that tests run."""
    return list(dict.fromkeys(name for name, block in marked(language) if block.mark == "run"))


@pytest.mark.slow
@pytest.mark.parametrize("name", pages_with("console"))
def test_the_transcripts_of_a_page_are_what_the_commands_print(name: str) -> None:
    before = (ROOT / name).read_text(encoding="utf-8")

    now = stale([name]).get(name, before)

    assert SECONDS.sub("N s", now) == SECONDS.sub("N s", before), "run: python docs/generate.py"


@pytest.mark.parametrize(("name", "block"), marked("yaml"), ids=lambda part: part if isinstance(part, str) else "")
def test_a_scenario_in_the_docs_loads(name: str, block: Block, tmp_path: Path) -> None:
    import simfunnel as sf

    with scratch(ROOT) as folder:
        base = block.mark.removeprefix("part of ")
        head = f"extends: {Path(base).name}\n" if block.mark.startswith("part of ") else ""
        file = folder / "scenarios" / "from_the_docs.yaml"
        file.write_text(head + block.body, encoding="utf-8")

        assert sf.load(str(file)).channels


@pytest.mark.parametrize("name", pages_with("python"))
def test_the_python_of_a_page_does_what_it_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session = "".join(block.body for page, block in marked("python") if page == name and block.mark == "run")
    test = doctest.DocTestParser().get_doctest(session, {}, name, name, 0)
    said: list[str] = []
    with scratch(ROOT) as folder:
        monkeypatch.chdir(folder)
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)

    assert result.failed == 0, "".join(said)


def test_every_mark_is_one_that_tests_know() -> None:
    found = [(name, b.mark) for lang in ("console", "yaml", "python") for name, b in marked(lang)]

    assert [line for line in found if not MARKS.fullmatch(line[1])] == []


def links() -> Iterator[tuple[str, str]]:
    """(page, target) of every relative link."""
    for name in all_names():
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", (ROOT / name).read_text(encoding="utf-8")):
            if "://" not in target:
                yield name, target


def test_every_link_leads_somewhere() -> None:
    assert [(name, to) for name, to in links() if not ((ROOT / name).parent / to).exists()] == []


def test_a_command_may_go_on_in_the_next_line() -> None:
    body = "$ a b \\\n    c\nout\n> out\n$ cat <<E\n> d\n> E\nd\n"

    assert commands(body) == [("$ a b \\\n    c\n", "a b \\\n    c"), ("$ cat <<E\n> d\n> E\n", "cat <<E\nd\nE")]


def test_a_transcript_that_is_not_current_is_seen_and_one_that_differs_in_seconds_only_is_not(tmp_path: Path) -> None:
    page = "<!-- run -->\n```console\n$ echo it took 3 s\nit took {} s\n```\n"

    assert refreshed(page.format("2"), tmp_path) == page.format("2")
    assert refreshed(page.replace("took {}", "lasted {}"), tmp_path) == page.format("3")


def test_a_command_that_fails_shows_its_complaint_and_exit_code(tmp_path: Path) -> None:
    page = "<!-- run -->\n```console\n$ echo no >&2; exit 2\n```\n"

    assert "$ echo no >&2; exit 2\nno\n(exit code 2)\n" in refreshed(page, tmp_path)


def test_what_is_run_by_hand_is_left_alone() -> None:
    page = "<!-- run by hand -->\n```console\n$ echo 1\n2\n```\n"

    assert refreshed(page, ROOT) == page


COMMANDS = (
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt . "
    "&& .venv/bin/simfunnel compare scenarios/b2b.yaml stricter micro_teams",
    '.venv/bin/pip install -c constraints.txt -e ".[dev]" && .venv/bin/pytest',
)


def test_the_readme_shows_the_two_commands_and_no_other_set_up() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if "pip install" in line] == list(COMMANDS)
