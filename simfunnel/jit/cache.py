"""Where machine code is kept: one folder for each version of the sources that it is made from.

numba notices a change in a compiled function's own file but not in the functions that it calls. So the cache folder's
name is a digest of every source file that has compiled code, or that such a file reads constants from, of where the
package lies and of the processor: new sources, new folder. Each file in it ends with a digest of its own, so that what
was damaged is compiled anew. A folder that has everything is sealed; one that nobody has used for a month is removed.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import io
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
KEPT_DAYS = 30
_IMPORT = re.compile(
    r"^\s*(?:from\s+(?P<origin>simfunnel[\w.]*)\s+import\s+(?:\((?P<block>[^)]*)\)|(?P<line>[^\n]*))"
    r"|import\s+(?P<plain>simfunnel[\w.]*))",
    re.MULTILINE,
)
_DECORATOR = re.compile(rb"^\s*@(?:jit\.)?compiled\b", re.MULTILINE)
_FOLDER = re.compile(r"simfunnel-[0-9a-f]{16}")
_SEAL = "complete"
_DIGEST_BYTES = 32


def is_disabled() -> bool:
    """Return whether numba is switched off: compiled functions are plain Python then."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


def cache_is_cold() -> bool:
    """Return whether importing or running an engine will first compile, a while once per machine and version.

    Also after a compilation that was interrupted, or that left something out. Cheap: numba is not imported.
    """
    if is_disabled():
        return False
    folder = cache_folder()
    if folder is None:
        return True
    try:
        return _size(folder) < int((folder / _SEAL).read_text())
    except (OSError, ValueError):
        return True


def nothing_is_kept() -> bool:
    """Return whether every process compiles anew, since there is no folder that can be written."""
    return not is_disabled() and cache_folder() is None


def seal_cache() -> None:
    """Note that all machine code of this version is in the cache, and remove that of versions long unused."""
    folder = None if is_disabled() else cache_folder()
    if folder is None:
        return
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w") as file:
            file.write(str(_size(folder)))
        os.replace(name, folder / _SEAL)
    _remove_unused(folder.parent, folder)


def _size(folder: Path) -> int:
    """Return the bytes of machine code in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*.nbc"))


def _remove_unused(parent: Path, current: Path) -> None:
    """Remove folders of other versions beside the current one: ours by name and owner, not used for KEPT_DAYS."""
    oldest = time.time() - KEPT_DAYS * 86_400
    with suppress(OSError):
        for folder in parent.iterdir():
            ours = _FOLDER.fullmatch(folder.name) and not folder.is_symlink() and folder.is_dir()
            if ours and folder != current and _is_own(folder) and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


@cache
def cache_folder() -> Path | None:
    """Return the folder of this version's machine code, made if need be; None when nowhere can be written.

    Tried in turn: $NUMBA_CACHE_DIR, the user's cache folder, the package's __pycache__, the temporary folder.
    """
    name = f"simfunnel-{_installed()}"
    for parent in _cache_parents():
        folder = parent / name
        if _is_ours(folder):
            with suppress(OSError):
                os.utime(folder)  # so that it is seen to be in use
            return folder
    return None


def _cache_parents() -> Iterator[Path]:
    if asked := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(asked)
    if sys.platform == "win32":
        if local := os.environ.get("LOCALAPPDATA"):
            yield Path(local) / "simfunnel" / "cache"
    else:
        usual = "~/Library/Caches" if sys.platform == "darwin" else os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        with suppress(RuntimeError):  # a user without a home
            yield Path(usual).expanduser() / "simfunnel"
    yield PACKAGE / "__pycache__"
    with suppress(OSError):  # no temporary folder either
        shared = Path(tempfile.gettempdir()) / (f"simfunnel-{os.getuid()}" if hasattr(os, "getuid") else "simfunnel")
        if _is_ours(shared):  # where everybody may write, somebody else may have made it
            yield shared


def _is_ours(folder: Path) -> bool:
    """Return whether the folder can be written and belongs to this user: what is loaded from it is executed."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        tempfile.TemporaryFile(dir=folder).close()
        return _is_own(folder)
    except OSError:
        return False


def _is_own(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


# ---------------------------------------------------------------------- what machine code is made from


@cache
def _installed() -> str:
    """Return 16 hex digits of these sources at this place on this processor: numba finds no other code."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{source_digest()} {PACKAGE} {platform.machine()} {platform.processor()}".encode())
    with suppress(OSError):  # Linux, where the line above says little
        for line in sorted(set(Path("/proc/cpuinfo").read_text(errors="replace").splitlines())):
            if line.startswith(("model name", "flags", "Features")):
                digest.update(line.encode())
    return digest.hexdigest()


@cache
def source_digest() -> str:
    """Return 16 hex digits that change with any source that machine code is made from, with numba and with Python."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{sys.version_info[:2]} {importlib.metadata.version('numba')}".encode())
    for name, source in sorted(compiled_sources(PACKAGE).items()):
        digest.update(f"{name} {len(source)} ".encode())
        digest.update(source)
    return digest.hexdigest()


def compiled_sources(package: Path) -> dict[str, bytes]:
    """Return module name -> source of all modules that use `compiled`, and of all that they import."""
    sources = {}
    for file in package.rglob("*.py"):
        parts = (package.name, *file.relative_to(package).with_suffix("").parts)
        sources[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file.read_bytes()
    imports = {name: _imported(source.decode(), sources) for name, source in sources.items()}
    wanted = {f"{package.name}.jit"} | {name for name, source in sources.items() if _DECORATOR.search(source)}
    frontier = set(wanted)
    while frontier:
        frontier = {found for name in frontier for found in imports[name]} - wanted
        wanted |= frontier
    return {name: sources[name] for name in wanted}


def _imported(source: str, modules: Container[str]) -> set[str]:
    """Return the modules that a source imports anywhere; of `from package import module` only the module."""
    found = set()
    for match in _IMPORT.finditer(source):
        origin = match["origin"] or match["plain"]
        for name in re.findall(r"\w+", match["block"] or match["line"] or "") or [""]:
            full = f"{origin}.{name}"
            found.add(full if full in modules else origin)
    return {name for name in found if name in modules}


# ---------------------------------------------------------------------- numba's own files


def keep(made: Any, function: Callable[..., Any]) -> None:
    """Let numba keep the machine code of a function, if there is a folder for it."""
    import numba

    folder = cache_folder()
    if folder is None:
        return
    config: Any = numba.config  # read when a function is decorated; the user's own functions keep the user's setting
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        made._cache = _cache_kind()(function)
    finally:
        config.CACHE_DIR = before


@cache
def _cache_kind() -> Any:
    """Return numba's cache of a function with a digest at the end of each file: what was damaged is compiled anew."""
    from numba.core.caching import FunctionCache, IndexDataCacheFile

    numbas_file: Any = IndexDataCacheFile
    numbas_cache: Any = FunctionCache

    class Files(numbas_file):  # type: ignore[misc]  # numba says nothing of its types
        @contextmanager
        def _open_for_write(self, filepath: str) -> Iterator[io.BytesIO]:
            written = io.BytesIO()
            yield written
            with super()._open_for_write(filepath) as file:
                file.write(written.getvalue() + _digest(Path(filepath).name, written.getvalue()))

        def _load_index(self) -> Any:
            return super()._load_index() if _is_whole(Path(self._index_path)) else {}

        def _load_data(self, name: str) -> Any:
            if not _is_whole(Path(self._data_path(name))):
                raise OSError(errno.EIO, "damaged", name)  # which numba takes for a file that is not there
            return super()._load_data(name)

    class Cache(numbas_cache):  # type: ignore[misc]  # nor of these
        def __init__(self, function: Callable[..., Any]) -> None:
            super().__init__(function)
            base, stamp = self._impl.filename_base, self._impl.locator.get_source_stamp()
            self._cache_file = Files(self._cache_path, base, stamp)

        def save_overload(self, signature: Any, made: Any) -> None:
            with suppress(OSError):  # a full disk: what is compiled works, and is compiled again next time
                super().save_overload(signature, made)

    return Cache


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES, person=b"simfunnel", key=name.encode()[:64]).digest()


def _is_whole(path: Path) -> bool:
    """Return whether a file is there and holds what was written to it: machine code with a wrong bit does anything."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return content[-_DIGEST_BYTES:] == _digest(path.name, content[:-_DIGEST_BYTES])
