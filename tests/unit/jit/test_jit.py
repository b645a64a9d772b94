import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from simfunnel import jit
from simfunnel.arrays import Floats, Ints
from simfunnel.distributions.quantiles import quantile
from simfunnel.jit import borrowed, cache, cache_folder, cache_is_cold, compiled, compiled_sources

WITHOUT_JIT = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
needs_numba = pytest.mark.skipif(WITHOUT_JIT, reason="NUMBA_DISABLE_JIT is set")

SAMPLE = """
from simfunnel import jit
print(jit.cache_is_cold())
from simfunnel.distributions.quantiles import quantile
half = quantile(0.5, 2, 0.0, 1.0, 0.0)
loaded = hasattr(quantile, "stats") and sum(quantile.stats.cache_hits.values()) == 1
print(half, "loaded" if loaded else "made")
jit.seal_cache()
"""
MANY = """
from simfunnel import jit
print(jit.cache_is_cold())
from simfunnel import streams
from simfunnel.distributions.quantiles import quantile
print(streams.uniform(1, 2, 3, 4, 5, 6), quantile(0.5, 2, 0.0, 1.0, 0.0))
jit.seal_cache()
"""
INTERRUPTED = SAMPLE.replace("jit.seal_cache()", "")


def start(cache: Path | str, code: str = SAMPLE, **more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "NUMBA_DISABLE_JIT": "0", **more}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> list[str]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err == ""
    return out.splitlines()


@needs_numba
def test_a_compiled_function_keeps_its_name_and_its_contract() -> None:
    @compiled("float64(float64)")
    def twice(x: float) -> float:
        """Two times x."""
        return 2.0 * x

    assert twice(3) == 6.0
    assert (twice.__name__, twice.__doc__) == ("twice", "Two times x.")


@needs_numba
def test_a_function_with_a_signature_never_compiles_again() -> None:
    @compiled("float64(uint64, float64)")
    def scaled(n: int, x: float) -> float:
        return n * x

    results = [scaled(2, 1.5), scaled(2, 3) / 2, scaled(True, 3.0)]

    assert results == [3.0, 3.0, 3.0]
    assert len(scaled.signatures) == 1  # type: ignore[attr-defined]


@needs_numba
def test_a_function_of_the_users_own_may_call_a_compiled_one_with_all_that_it_calls() -> None:
    import numba

    @numba.njit  # type: ignore[untyped-decorator]  # numba says nothing of its types
    def middle(x: float) -> float:
        return quantile(x, 2, 0.0, 1.0, 0.0)

    assert middle(0.5) == quantile(0.5, 2, 0.0, 1.0, 0.0)


@needs_numba
def test_threads_may_call_a_function_for_the_first_time_at_once() -> None:
    @compiled("float64(float64)")
    def thrice(x: float) -> float:
        return 3.0 * x

    at_once = threading.Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: (at_once.wait(30), thrice(x))[1], range(4)))

    assert found == [0.0, 3.0, 6.0, 9.0]


@needs_numba
def test_a_function_without_a_signature_compiles_for_what_it_is_given() -> None:
    @compiled
    def plus(a: float, b: float) -> float:
        return a + b

    assert plus(1, 2) == 3
    assert plus(1.0, 2.0) == 3.0
    assert len(plus.signatures) == 2  # type: ignore[attr-defined]


@needs_numba
def test_compiled_arithmetic_is_exact_arithmetic_in_order() -> None:
    @compiled("float64(float64, float64, float64)")
    def sum_of_three(a: float, b: float, c: float) -> float:
        return a + b + c

    assert sum_of_three(1e16, 1.0, -1e16) == 1e16 + 1.0 - 1e16 != 1.0  # fast-math would be free to give 1


@needs_numba
def test_the_users_own_cache_setting_is_left_alone() -> None:
    import numba

    before = numba.config.CACHE_DIR
    compiled("float64(float64)")(abs_of)

    assert before == numba.config.CACHE_DIR


def abs_of(x: float) -> float:
    return abs(x)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder that a first process has filled, and what that process said."""
    folder = tmp_path_factory.mktemp("first")
    return folder, finish(start(folder))


@pytest.mark.slow
def test_a_first_process_compiles_and_the_next_one_loads(first: tuple[Path, list[str]]) -> None:
    folder, said = first

    assert said == ["True", "1.0 made"]
    assert finish(start(folder)) == ["False", "1.0 loaded"]


@pytest.mark.slow
def test_a_compilation_that_was_interrupted_goes_on_where_it_was(tmp_path: Path) -> None:
    finish(start(tmp_path, INTERRUPTED))

    assert finish(start(tmp_path)) == ["True", "1.0 loaded"]
    assert finish(start(tmp_path))[0] == "False"


def test_a_cache_that_has_lost_something_is_cold(first: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder = shutil.copytree(first[0], tmp_path / "robbed")
    assert finish(start(folder))[0] == "False"
    next(folder.rglob("*.nbc")).unlink()

    assert finish(start(folder))[0] == "True"


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "garbage": lambda content: b"[" * 100_000,
    "a bit turned": lambda content: content[:400] + bytes([content[400] ^ 1]) + content[401:],
    "longer": lambda content: content + b"x",
}


def doubled(x: float) -> float:
    return 2.0 * x


def tripled(x: float) -> float:
    return 3.0 * x


def made(function: Callable[[float], float]) -> tuple[float, bool]:
    """What a function, compiled as in a new process, makes of 2, and whether its code was loaded."""
    code: Any = compiled("float64(float64)")(function)
    return code(2.0), sum(code.stats.cache_hits.values()) == 1


@needs_numba
@pytest.mark.parametrize("suffix", [".nbc", ".nbi"])
@pytest.mark.parametrize("damage", list(DAMAGES))
def test_machine_code_that_was_damaged_is_compiled_anew(
    damage: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    assert [made(doubled), made(doubled)] == [(4.0, False), (4.0, True)]
    (damaged,) = tmp_path.rglob(f"*{suffix}")
    damaged.write_bytes(DAMAGES[damage](damaged.read_bytes()))

    assert [made(doubled), made(doubled)] == [(4.0, False), (4.0, True)]


@needs_numba
@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_on_a_full_disk_machine_code_works_and_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        found = [made(doubled), made(doubled)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert (found, list(tmp_path.rglob("*.nbc"))) == ([(4.0, False), (4.0, False)], [])


@needs_numba
def test_machine_code_of_another_function_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    made(doubled), made(tripled)
    own, other = (next(tmp_path.rglob(f"*.{name}-*.nbc")) for name in ("doubled", "tripled"))
    own.write_bytes(other.read_bytes())

    assert made(doubled) == (4.0, False)


@pytest.mark.slow
def test_two_processes_may_fill_the_cache_at_once_and_leave_nothing_to_compile(tmp_path: Path) -> None:
    both = [start(tmp_path, MANY), start(tmp_path, MANY)]
    (_, *one), (_, *two) = (finish(process) for process in both)
    before = len(list(tmp_path.rglob("*.nbc")))

    assert before == 2
    assert ["False", *one] == ["False", *two] == finish(start(tmp_path, MANY))
    assert len(list(tmp_path.rglob("*.nbc"))) == before


def test_nothing_is_compiled_when_numba_is_told_not_to(tmp_path: Path) -> None:
    lines = finish(start(tmp_path, NUMBA_DISABLE_JIT="1"))

    assert lines == ["False", "1.0 made"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way of a folder")

    home = tmp_path / "home"
    finish(start(blocked, XDG_CACHE_HOME=str(home), LOCALAPPDATA=str(home), HOME=str(home)))

    assert any("simfunnel-" in str(path) for path in home.rglob("*.nbi"))


def test_nowhere_to_write_means_no_cache_but_working_code(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way of a folder")
    code = f"""
import pathlib
from simfunnel import jit
jit.cache._cache_parents = lambda: iter([pathlib.Path({str(blocked)!r})])
assert jit.cache_folder() is None and jit.cache_is_cold() and jit.nothing_is_kept()
jit.seal_cache()
@jit.compiled("float64(float64)")
def twice(x):
    return 2 * x
assert twice(2) == 4
"""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "0"}
    subprocess.run([sys.executable, "-W", "error", "-c", code], env=environment, check=True, timeout=120)


@pytest.mark.skipif(sys.platform == "win32", reason="homes of POSIX")
def test_a_user_without_a_home_gets_a_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    def nobody(uid: int) -> None:
        raise KeyError(uid)

    for name in ("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.setattr(cache, "PACKAGE", tmp_path / "package")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert list(cache._cache_parents()) == [tmp_path / "package" / "__pycache__", tmp_path / f"simfunnel-{os.getuid()}"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_folder_that_somebody_else_made_where_everybody_may_write_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(cache, "_is_own", lambda folder: False)

    assert tmp_path / f"simfunnel-{os.getuid()}" not in list(cache._cache_parents())


def test_caches_that_nobody_has_used_for_a_month_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = time.time() - 40 * 86_400
    current, old, recent = (tmp_path / f"simfunnel-{digit * 16}" for digit in "abc")
    others = [tmp_path / name for name in ("simfunnel-web", "calibrations", f"simfunnel-{'d' * 16}-mine", "e" * 16)]
    for folder in (current, old, recent, *others):
        (folder / "engine_1").mkdir(parents=True)
        (folder / "engine_1" / "code.nbc").write_text("machine code")
        if folder is not recent:
            os.utime(folder, (long_ago, long_ago))
    (tmp_path / f"simfunnel-{'f' * 16}").write_text("a file")
    monkeypatch.setattr(cache, "cache_folder", lambda: current)
    monkeypatch.setattr(cache, "is_disabled", lambda: False)

    jit.seal_cache()

    assert not old.exists()
    assert all(folder.exists() for folder in (current, recent, *others))
    assert not jit.cache_is_cold()


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_a_link_in_the_place_of_an_old_cache_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    os.utime(precious, (0, 0))
    (tmp_path / "cache").mkdir()
    current, link = (tmp_path / "cache" / f"simfunnel-{digit * 16}" for digit in "ab")
    current.mkdir()
    link.symlink_to(precious)
    monkeypatch.setattr(cache, "cache_folder", lambda: current)
    monkeypatch.setattr(cache, "is_disabled", lambda: False)

    jit.seal_cache()

    assert precious.is_dir()
    assert link.is_symlink()


def test_a_folder_in_use_is_seen_to_be_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    folder = tmp_path / f"simfunnel-{cache._installed()}"
    folder.mkdir()
    os.utime(folder, (0, 0))

    assert cache_folder.__wrapped__() == folder
    assert time.time() - folder.stat().st_mtime < 3600


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_the_cache_folder_is_the_users_own(tmp_path: Path) -> None:
    folder = tmp_path / "simfunnel-0"

    assert cache._is_ours(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("change", ["sources", "place", "processor"])
def test_other_sources_another_place_or_another_processor_have_a_cache_folder_of_their_own(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    before = cache_folder.__wrapped__()
    if change == "sources":
        monkeypatch.setattr(cache, "source_digest", lambda: "others")
    elif change == "place":
        monkeypatch.setattr(cache, "PACKAGE", tmp_path / "copy" / "simfunnel")
    else:
        monkeypatch.setattr("platform.processor", lambda: "another one")
    monkeypatch.setattr(cache, "_installed", cache._installed.__wrapped__)
    after = cache_folder.__wrapped__()

    assert before is not None
    assert after is not None
    assert before.parent == after.parent
    assert before.name != after.name


def test_asking_whether_the_cache_is_cold_does_not_load_numba() -> None:
    code = "import sys; from simfunnel import jit; jit.cache_is_cold(); assert 'numba' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    assert isinstance(cache_is_cold(), bool)


def test_machine_code_is_keyed_by_every_module_that_it_is_made_from() -> None:
    names = set(compiled_sources(jit.PACKAGE))

    assert {
        "simfunnel.jit",
        "simfunnel.streams",
        "simfunnel.distributions.quantiles",
        "simfunnel.distributions.families",  # holds the codes that quantiles reads
        "simfunnel.calendars.clock",
    } <= names
    assert "simfunnel.scenario.model" not in names


def test_sources_are_followed_through_every_form_of_import(tmp_path: Path) -> None:
    package = tmp_path / "simfunnel"
    (package / "room").mkdir(parents=True)
    sources = {
        "__init__.py": "",
        "jit.py": "",
        "plain.py": "import os",
        "codes.py": "ONE = 1",
        "more.py": "TWO = 2",
        "deep.py": "from simfunnel import more",
        "kernel.py": "from simfunnel.jit import compiled\n"
        "from simfunnel.room import (\n    part,\n)\nimport simfunnel.codes\n@compiled\ndef f(): ...",
        "cli.py": "from simfunnel.jit import cache_is_cold\nimport simfunnel.plain",
        "room/__init__.py": "",
        "room/part.py": "def late():\n    from simfunnel.deep import x",
    }
    for name, source in sources.items():
        (package / name).write_text(source)

    names = {name.removeprefix("simfunnel.") for name in compiled_sources(package)}

    assert names == {"jit", "kernel", "codes", "room.part", "deep", "more"}


class Pair(NamedTuple):
    """Arrays in a tuple in a tuple, beside something else."""

    first: Floats
    rest: tuple[Ints, float]


@needs_numba
def test_borrowed_arrays_are_the_same_arrays_and_outlive_the_call() -> None:
    @compiled
    def add_up(pair: Pair) -> float:
        pair = borrowed(pair)
        pair.first[0] = 5.0
        part = pair.first[1:]
        return part.sum() + pair.rest[0][1] + pair.rest[1]

    first, whole = np.arange(4.0), np.arange(3)
    before = sys.getrefcount(first), sys.getrefcount(whole)

    assert [add_up(Pair(first, (whole, 0.5))) for _ in range(100)] == [7.5] * 100
    assert (sys.getrefcount(first), sys.getrefcount(whole)) == before
    assert first.tolist() == [5.0, 1.0, 2.0, 3.0]


@needs_numba
def test_an_inlined_function_gives_what_it_gives_on_its_own() -> None:
    @compiled("float64(float64)", inlined=True)
    def half(x: float) -> float:
        return x / 2

    @compiled
    def quarter(x: float) -> float:
        return half(half(x))

    assert (half(3), quarter(3.0)) == (1.5, 0.75)


def test_the_door_knows_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lent'"):
        jit.lent  # noqa: B018


def test_plain_python_checks_the_bounds_of_arrays_that_are_reached_by_address() -> None:
    code = """
import numpy as np
from simfunnel.jit import MANY, address_of, array_at
numbers = np.arange(6.0)
pairs = array_at(address_of(numbers), (MANY, 2), np.float64)
assert pairs.shape == (3, 2) and pairs[2, 1] == 5.0
try:
    pairs[3, 0]
except IndexError:
    print("refused")
"""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    out = subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120, capture_output=True)
    assert out.stdout.split() == [b"refused"]


def test_an_array_in_pieces_has_no_address() -> None:
    with pytest.raises(ValueError, match="not one piece of memory"):
        jit.address_of(np.zeros((4, 4))[:, 1])


def test_items_of_an_array_are_reached_by_its_address_and_the_extents_that_the_record_tells() -> None:
    numbers = np.arange(24.0).reshape(2, 3, 4)
    run = np.rec.array([(jit.address_of(numbers), 3, 4)], dtype=[("numbers_at", "i8"), ("wide", "i8"), ("deep", "i8")])[
        0
    ]

    assert jit.rows("numbers", np.float64)(run, 5) == 5.0
    assert jit.rows("numbers", np.float64, "deep")(run, 4, 2) == numbers[1, 1, 2]
    assert jit.rows("numbers", np.float64, "wide", "deep")(run, 1, 2, 3) == numbers[1, 2, 3]
