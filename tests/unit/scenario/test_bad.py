"""Every file in `bad/` is refused at the path, with the rule and on the line that its first lines expect."""

from __future__ import annotations

from pathlib import Path

import pytest

from simfunnel.errors import ScenarioError, path_text
from simfunnel.scenario import load

BAD = Path(__file__).parent / "bad"
FILES = sorted(BAD.glob("*.yaml"))


def expectations(file: Path) -> list[tuple[str, str, int]]:
    """(path, fragment of the rule, line) of each `# expect:` line."""
    lines = [line for line in file.read_text().splitlines() if line.startswith("# expect: ")]
    parts = [line.removeprefix("# expect: ").split(" | ") for line in lines]
    return [(path, rule, int(line)) for path, rule, line in parts]


def test_the_corpus_has_at_least_eighty_files() -> None:
    assert len(FILES) >= 80


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_bad_file_is_refused_at_the_path_and_line_of_its_mistake(file: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(file)

    problems = caught.value.problems
    found = [(path_text(problem.path), problem.line) for problem in problems]
    expected = expectations(file)
    assert found == [(path, line) for path, _, line in expected], str(caught.value)
    for problem, (_, rule, _) in zip(problems, expected, strict=True):
        assert rule in problem.rule
        assert problem.remedy
        assert problem.file == str(file)
