"""From a file, a text or plain values to a `Scenario`: read, `extends` laid over, `--set` applied, fields and what-ifs
validated, meaning judged. All independent mistakes are raised at once; only a text that cannot be read stops it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

from simfunnel.errors import MISSING, ArgumentError, Problem, ScenarioError, value_text
from simfunnel.errors import Path as PathOfValue
from simfunnel.scenario.change.overrides import IS, NO_QUANTITY, Draft, merged
from simfunnel.scenario.change.phases import meaning_problems
from simfunnel.scenario.change.what_if import ROOT, Flattener, WhatIf
from simfunnel.scenario.fields.field import FieldError
from simfunnel.scenario.model import Origin, Scenario
from simfunnel.scenario.read.folder import Folder, NotTextError, read_utf8
from simfunnel.scenario.read.mistakes import validated
from simfunnel.scenario.read.source import Document, Place, Places, read_document, read_yaml
from simfunnel.scenario.read.stand_ins import LaterStep, all_mistakes, nothing_later
from simfunnel.scenario.tell.as_typed import assumptions

EXTENDS = "extends"
LONGEST_CHAIN = 10
NOT_NOW = "this what-if cannot be asked for"
SET = "--set "  # what begins the place of what is set
TEXT = "scenario"  # what messages call a scenario that is no file


def load(path: str | PathLike[str], sets: Sequence[str] = (), later: LaterStep = nothing_later) -> Scenario:
    """Load the scenario in a file, changed by `PATH=VALUE` texts; it may read files of its own folder only.

    Raises ScenarioError with every mistake that does not follow from another, each with its file, line and column.
    `later` tells those of a later step beside them; by itself that step refuses nothing here.
    """
    file = Path(path)
    try:
        text = read_utf8(file)
    except FieldError as error:
        line, column = error.place if isinstance(error, NotTextError) else (1, 1)
        problem = Problem((), MISSING, error.rule, error.remedy, file=str(path), line=line, column=column)
        raise ScenarioError([problem]) from None
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise ScenarioError([Problem((), MISSING, reason, "see that the name is right", file=str(path))]) from None
    folder = Folder(file.parent)
    folder.files.add(file.resolve())
    document = _extended(read_document(text, str(path)), file.parent, folder, (file.resolve(),))
    return _built(document, sets, str(path), text, folder, later)


def parse(
    source: str | Mapping[str, Any],
    sets: Sequence[str] = (),
    folder: str | Path | None = None,
    later: LaterStep = nothing_later,
) -> Scenario:
    """Load the scenario in a YAML text or in plain values; files only from `folder`. Raises ScenarioError."""
    files = Folder(Path(folder) if folder is not None else None)
    if isinstance(source, str):
        text, document = source, _extended(read_document(source, TEXT), Path(folder or "."), files, ())
    else:
        plain = _plain(source)
        text, document = repr(plain), Document(plain, Places())
    return _built(document, sets, None, text, files, later)


def as_scenario(value: object) -> Scenario:
    """Return the scenario itself; raises ArgumentError for what is none."""
    if isinstance(value, Scenario):
        return value
    if isinstance(value, str | PathLike):
        rule = f"{value_text(str(value))} is a name, not a scenario; write simfunnel.load({str(value)!r})"
    else:
        rule = f"{value_text(value)} is not a scenario; simfunnel.load makes one of a file"
    raise ArgumentError("scenario", rule)


def _plain(value: Any) -> Any:
    """Return plain values as a file would hold them: keys are text, dates too, tuples are lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _built(
    document: Document, sets: Sequence[str], file: str | None, text: str, folder: Folder, later: LaterStep
) -> Scenario:
    data, places, unread = _set(document, sets)
    base = {key: value for key, value in data.items() if key != ROOT}
    flattener = Flattener(data.get(ROOT, {}), places)
    what_ifs = flattener.all()
    origin = Origin(dict(data), file, hashlib.sha256(text.encode()).hexdigest(), places, folder)
    found = validated(base, folder, origin.readings, extra={ROOT: what_ifs})
    origin.readings.closed = True
    fields = found if isinstance(found, list) else []
    if isinstance(found, Scenario) and not unread and not flattener.problems:
        scenario = found.with_origin(origin)

        def wrong_in_file() -> Collection[PathOfValue]:
            try:
                _built(document, (), None, text, folder, nothing_later)
            except ScenarioError as error:
                return {problem.path for problem in error.problems}
            return ()

        problems, unfit = _set_aside(meaning_problems(scenario), what_ifs, wrong_in_file if sets else None)
        if all(problem.severity != "error" for problem in problems):
            origin = replace(origin, unfit=unfit)
            return scenario.with_origin(origin, assumptions(scenario, base), tuple(by_place(problems)))
    raise ScenarioError(by_place(all_mistakes(base, origin, what_ifs, unread, fields, flattener.problems, later)))


def _set_aside(
    problems: Sequence[Problem],
    what_ifs: Mapping[str, WhatIf],
    wrong_in_file: Callable[[], Collection[PathOfValue]] | None,
) -> tuple[list[Problem], frozenset[str]]:
    """Return the problems, those of what-ifs that merely do not fit today as warnings, and these what-ifs' names.

    A change of what stands as a word (1 more than unlimited), or what fits the file and only not what `--set` makes of
    it, is no mistake: it is refused when the what-if is asked for. `wrong_in_file`: paths at fault without `--set`.
    """
    wrong = [p for p in problems if p.severity == "error" and p.path[:1] == (ROOT,)]
    in_file = wrong_in_file() if wrong and wrong_in_file is not None else None
    aside = [
        p
        for p in wrong
        if p.rule.startswith(f"{NO_QUANTITY} {IS} ")
        or (in_file is not None and p.path not in in_file and not (p.file or "").startswith(SET))
    ]
    warned = [replace(p, severity="warning", remedy=f"{p.remedy}; till then {NOT_NOW}") for p in aside]
    paths = {p.path for p in aside}
    names = {str(path[1]) for path in paths}
    names |= {name for name, each in what_ifs.items() if any(item.owner in paths for item in each.items)}
    return [*(p for p in problems if p not in aside), *warned], frozenset(names)


def by_place(problems: Sequence[Problem]) -> list[Problem]:
    """Sort problems in the order of the files' lines, each once."""
    unique = list({str(problem): problem for problem in problems}.values())
    return sorted(unique, key=lambda p: (p.file or "", p.line or 0, p.column or 0))


# --- extends and --set -----------------------------------------------------------------------------------------------


def _extended(document: Document, beside: Path, folder: Folder, chain: tuple[Path, ...]) -> Document:
    """Lay the document over the file that it extends, if it does; names are relative to the scenario's folder."""
    if not isinstance(document.data, Mapping):
        root = document.places.get(())
        problem = Problem((), MISSING, "is not a scenario", "write name: value lines")
        raise ScenarioError([document.places.locate(problem) if root is not None else problem])
    name = document.data.get(EXTENDS)
    own = document._replace(data={key: value for key, value in document.data.items() if key != EXTENDS})
    if name is None:
        return own
    try:
        if not isinstance(name, str):
            remedy = "write the file whose values this one changes, e.g. b2b.yaml"
            raise FieldError("is not the name of a file", remedy)
        path = folder.resolve(name)
        if path in chain:
            raise FieldError("extends itself, directly or through others", "take one of the `extends` lines out")
        if len(chain) >= LONGEST_CHAIN:
            raise FieldError(f"is the end of a chain of more than {LONGEST_CHAIN} files", "extend fewer files")
        text = read_utf8(path)
    except FieldError as error:
        raise ScenarioError([document.places.locate(Problem((EXTENDS,), name, error.rule, error.remedy))]) from None
    base = _extended(read_document(text, str(beside / str(name))), beside, folder, (*chain, path))
    data = merged(base.data, own.data)
    places = base.places.copy()
    _take_over(data, own.data, own.places, places, ())
    return Document(data, places, (*base.problems, *own.problems))


def _take_over(data: Any, own: Any, own_places: Places, places: Places, path: tuple[str | int, ...]) -> None:
    """Give laid-over values the places of the own file wherever it types them."""
    place = own_places.get(path)
    if isinstance(own, Mapping) and isinstance(data, Mapping) and data is not own:
        if place is not None:
            places.place(path, place)
        for key in own:
            _take_over(data.get(key), own[key], own_places, places, (*path, key))
    else:
        places.take(path, own_places, path)


def _set(document: Document, sets: Sequence[str]) -> Document:
    """Apply `PATH=VALUE` texts to the document in order."""
    draft = Draft(document.data, document.places)
    problems: list[Problem] = []
    for text in sets:
        path, equals, typed = text.partition("=")
        place = f"{SET}{path.strip()}"
        try:
            if not equals or not path.strip() or not typed.strip():
                raise FieldError("sets nothing", "write --set PATH=VALUE, e.g. --set pools.SDR.reps=6")
            draft.set(path, read_yaml(typed, place).data, Place(place))
        except FieldError as error:
            problems.append(Problem((), typed or MISSING, error.rule, error.remedy, file=place))
        except ScenarioError as error:
            problems += [replace(problem, path=(), line=None, column=None) for problem in error.problems]
    return Document(draft.data, draft.places, (*document.problems, *problems))
