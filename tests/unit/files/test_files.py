"""A file appears whole or not at all, and only plain files are written."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from simfunnel.files import all_whole, is_same_file, refuse_to_write, whole


def write(path: Path, text: str, force: bool = False) -> None:
    with whole(path, force) as part:
        part.write_text(text)


def test_a_file_that_exists_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text("old")

    with pytest.raises(FileExistsError):
        write(path, "new")
    assert path.read_text() == "old"
    write(path, "new", force=True)
    assert path.read_text() == "new"


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def write_half() -> None:
        with whole(tmp_path / "result.csv") as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_files_that_belong_together_appear_together_or_not_at_all(tmp_path: Path) -> None:
    one, other = tmp_path / "leads.csv", tmp_path / "leads.tasks.csv"

    def write_both() -> None:
        with all_whole([one, other]) as (first, second):
            first.write_text("a")
            second.write_text("b")
            other.mkdir()

    with pytest.raises(IsADirectoryError):
        write_both()
    assert [path.name for path in tmp_path.iterdir()] == [other.name]


def test_a_folder_that_does_not_exist_is_named_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such folder"):
        refuse_to_write(tmp_path / "nowhere" / "result.json", force=True)


def test_a_folder_that_cannot_be_written_to_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simfunnel.files.os.access", lambda path, mode: False)

    with pytest.raises(PermissionError, match="cannot be written to"):
        refuse_to_write(tmp_path / "result.csv")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of POSIX")
@pytest.mark.parametrize("force", [False, True])
def test_only_plain_files_are_written_with_and_without_force(tmp_path: Path, force: bool) -> None:
    (tmp_path / "plain.csv").write_text("mine")
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nothing")
    (tmp_path / "link.csv").symlink_to(tmp_path / "plain.csv")
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")

    for name, rule in (("dangling", "link"), ("link", "link"), ("folder", "folder"), ("pipe", "pipe")):
        with pytest.raises(OSError, match=rule) as caught:
            refuse_to_write(tmp_path / f"{name}.csv", force)
        assert caught.value.filename == str(tmp_path / f"{name}.csv")
    with pytest.raises(OSError, match="device"):
        refuse_to_write(Path("/dev/null"), force)
    assert (tmp_path / "plain.csv").read_text() == "mine"


@pytest.mark.parametrize(("length", "is_possible"), [(254, True), (255, True), (256, False), (5000, False)])
def test_a_name_may_be_as_long_as_the_folder_takes_and_is_refused_beyond(
    tmp_path: Path, length: int, is_possible: bool
) -> None:
    path = tmp_path / ("x" * (length - 4) + ".csv")

    if is_possible:
        write(path, "a")
        assert path.read_text() == "a"
        return
    with pytest.raises(OSError, match="too long") as caught:
        refuse_to_write(path)
    assert caught.value.errno == errno.ENAMETOOLONG
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_a_full_disk_is_told_by_the_name_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fails(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("simfunnel.files.os.fsync", fails)
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        write(tmp_path / "result.csv", "a")

    assert caught.value.filename == str(tmp_path / "result.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_fault_that_is_not_of_the_file_keeps_its_own_name(tmp_path: Path) -> None:
    def works() -> None:
        with whole(tmp_path / "result.csv"):
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with pytest.raises(BrokenPipeError) as caught:
        works()
    assert caught.value.filename is None


def test_two_names_of_one_file_are_seen_through_links_and_letters(tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text("mine")
    os.link(tmp_path / "plain.csv", tmp_path / "twin.csv")
    (tmp_path / "link").symlink_to(tmp_path)

    assert is_same_file(tmp_path / "plain.csv", tmp_path / "twin.csv")
    assert is_same_file(tmp_path / "new.csv", tmp_path / "link" / "new.csv")
    assert is_same_file(tmp_path / "new.csv", tmp_path / "x" / ".." / "NEW.csv")
    assert not is_same_file(tmp_path / "new.csv", tmp_path / "other.csv")


@pytest.mark.parametrize("name", ["\ud800", "a\ud800.json", "a\0.json"])
def test_a_name_that_no_file_can_have_is_refused_and_shown(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match="is a name that no file can have"):
        refuse_to_write(tmp_path / name, force=True)
