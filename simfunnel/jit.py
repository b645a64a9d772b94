"""The only door to numba: `compiled` functions, and where their machine code is kept.

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
import math
import os
import platform
import re
import shutil
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

if TYPE_CHECKING:
    from simfunnel.arrays import Array

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

PACKAGE = Path(__file__).resolve().parent
_IMPORT = re.compile(
    r"^\s*(?:from\s+(?P<origin>simfunnel[\w.]*)\s+import\s+(?:\((?P<block>[^)]*)\)|(?P<line>[^\n]*))"
    r"|import\s+(?P<plain>simfunnel[\w.]*))",
    re.MULTILINE,
)
_FOLDER = re.compile(r"simfunnel-[0-9a-f]{16}")
_SEAL = "complete"
_DIGEST_BYTES = 32
KEPT_DAYS = 30
_DECORATOR = re.compile(rb"^\s*@(?:jit\.)?compiled\b", re.MULTILINE)


@overload
def compiled(function: F, /) -> F: ...
@overload
def compiled(*signatures: str, inlined: bool = False) -> Callable[[F], F]: ...
def compiled(*given: Any, inlined: bool = False) -> Any:
    """Compile a function with numba, without fast-math, free of the GIL and cached on disk.

    `@compiled` alone compiles once per combination of argument types, at the first call. With signatures,
    `@compiled("float64(float64, uint64)")`, the function is loaded or compiled when its module is imported and every
    call is converted to them: Python ints, numpy integers and floats all run the same code. Prefer this for scalars.
    `inlined` puts the code into every compiled caller: for what is short, or must become part of the caller's loop.
    With NUMBA_DISABLE_JIT=1 the plain Python function is returned.
    """
    if len(given) == 1 and callable(given[0]):
        return _compile(cast(Callable[..., Any], given[0]), (), inlined)
    return lambda function: _compile(function, given, inlined)


def _compile(function: Callable[..., Any], signatures: tuple[str, ...], inlined: bool) -> Any:
    if _is_disabled():
        return function
    import numba
    from numba.core import typeinfer

    _teach_array_at()
    _teach_bits()
    _teach_portable()
    folder = cache_folder()
    made: Any = numba.njit(nogil=True, forceinline=inlined)(function)
    if folder is not None:
        with _cache_in(folder):
            made._cache = _cache_kind()(function)
    with typeinfer.register_dispatcher(made):  # so that it may call itself
        for signature in signatures:
            made.compile(signature)
    if signatures:
        made.disable_compile()
    return _for_all_widths(made)


@cache
def _cache_kind() -> Any:
    """numba's cache of a function with a digest at the end of each file: what was damaged is compiled anew."""
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

    return Cache


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES, person=b"simfunnel", key=name.encode()[:64]).digest()


def _is_whole(path: Path) -> bool:
    """Whether a file is there and holds what was written to it: machine code with a wrong bit does anything."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return content[-_DIGEST_BYTES:] == _digest(path.name, content[:-_DIGEST_BYTES])


def _for_all_widths(dispatcher: Any) -> Any:
    """Let calls from compiled code share one compilation, whatever constants or narrow integers they pass.

    numba would compile `f(lead, -1)`, `f(lead, rep)` and `f(narrow_lead, rep)` three times over, and what they call.
    """
    from numba.core import types

    def widened(kind: Any) -> Any:
        kind = types.unliteral(kind)  # type: ignore[no-untyped-call]
        return types.int64 if kind in (types.int8, types.int16, types.int32) else kind

    resolve = dispatcher.get_call_template
    dispatcher.get_call_template = lambda args, kws: resolve(
        tuple(map(widened, args)), {name: widened(kind) for name, kind in kws.items()}
    )
    return dispatcher


def _is_disabled() -> bool:
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


CHECKS_BOUNDS = _is_disabled()
MANY = 1 << 32  # more than any array has: whoever asks for an item knows that it is there
_lent: dict[int, int] = {}  # address -> bytes that lie there


def address_of(array: Array) -> int:
    """Where an array is in memory, for `array_at`; plain Python also keeps its length, and so checks the bounds."""
    if not array.flags.c_contiguous:
        raise ValueError("the array is not one piece of memory")
    address = int(array.ctypes.data)
    if CHECKS_BOUNDS:
        _lent[address] = array.nbytes
    return address


def array_at(address: int, shape: int | tuple[int, ...], dtype: Any) -> Array:
    """The numbers or records at an address: a view that owns nothing, within compiled code and without.

    For state that many compiled functions share: numba passes an array as seven words and counts its owners at every
    call, an address as one. Whoever hands out addresses keeps the arrays, and looks after the bounds. The first
    extent may be MANY: all that is there.
    """
    import ctypes

    import numpy as np

    first, *others = shape if isinstance(shape, tuple) else (int(shape),)
    row = math.prod(others) * np.dtype(dtype).itemsize
    if first >= MANY and row:  # rows of nothing, as a plan without pools has them, stay as many as one likes
        first = _lent.get(int(address), first * row) // row
    piece = (ctypes.c_char * (first * row)).from_address(int(address))
    return np.frombuffer(piece, dtype).reshape((first, *others))


def rows(array: str, dtype: Any, *widths: str) -> Callable[..., Any]:
    """Compile the way from a record to the items of an array: `lead_at = rows("leads", LEAD)`, `lead_at(run, 3)`.

    The record keeps the array's address in the field `leads_at`. `widths` are the record's fields with the extents
    after the first: an item then has as many indices more.
    """
    start, one, other = f"{array}_at", *(*widths, "", "")[:2]

    def item(run: Any, i: int) -> Any:
        return array_at(run[start], MANY, dtype)[i]

    def item_of_row(run: Any, i: int, j: int) -> Any:
        return array_at(run[start], (MANY, run[one]), dtype)[i, j]

    def item_of_rows(run: Any, i: int, j: int, k: int) -> Any:
        return array_at(run[start], (MANY, run[one], run[other]), dtype)[i, j, k]

    found = (item, item_of_row, item_of_rows)[len(widths)]
    found.__name__ = found.__qualname__ = f"{array}_item"  # each has a file of its own in the cache
    return compiled(found)


@cache
def _teach_array_at() -> None:
    """What `array_at` is in compiled code."""
    from numba import carray  # type: ignore[attr-defined]  # it is exported, but not by name
    from numba.core import cgutils, types
    from numba.extending import intrinsic, overload

    @intrinsic
    def pointer(_: Any, address: Any) -> Any:
        def code(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], cgutils.voidptr_t)

        return types.voidptr(address), code

    to_pointer: Any = pointer

    @overload(array_at)
    def compiled_array_at(address, shape, dtype):  # type: ignore[no-untyped-def]  # numba wants the bare signature
        return lambda address, shape, dtype: carray(to_pointer(address), shape, dtype)


_untaught: list[Callable[..., Any]] = []


def portable(function: F) -> F:
    """Let compiled code call a plain function too, made from the same source; plain Python has it as it is.

    For what is needed where numba is not loaded, and must give the same bits within compiled code: numbers in, one
    number out, nothing but arithmetic, comparisons and other portable functions.
    """
    _untaught.append(function)
    return function


def _teach_portable() -> None:
    """What the portable functions defined so far are in compiled code."""
    if not _untaught:
        return
    from numba.extending import register_jitable

    while _untaught:
        register_jitable(_untaught.pop())


def bits_of(x: float) -> int:
    """The 64 bits of a number as a whole one with sign, within compiled code and without.

    >>> hex(bits_of(1.0)), float_of(bits_of(-0.1))
    ('0x3ff0000000000000', -0.1)
    """
    return int(_WHOLE.unpack(_FLOAT.pack(x))[0])


def float_of(bits: int) -> float:
    """The number that 64 bits stand for: `bits_of` undone."""
    return float(_FLOAT.unpack(_WHOLE.pack(bits))[0])


_WHOLE, _FLOAT = struct.Struct("<q"), struct.Struct("<d")


@cache
def _teach_bits() -> None:
    """What `bits_of` and `float_of` are in compiled code: nothing happens to the bits."""
    from numba.core import types
    from numba.extending import intrinsic, overload

    def moved(source: Any, target: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

        @intrinsic
        def move(_: Any, value: Any) -> Any:
            return target(source), code

        return move

    as_bits: Any = moved(types.float64, types.int64)
    as_float: Any = moved(types.int64, types.float64)
    overload(bits_of)(lambda x: (lambda x: as_bits(x)) if isinstance(x, types.Float) else None)
    overload(float_of)(lambda bits: (lambda bits: as_float(bits)) if isinstance(bits, types.Integer) else None)


def plain(function: F) -> F:
    """The uncompiled form of a compiled function; the same bits where it only adds, multiplies and compares."""
    uncompiled: F = getattr(function, "py_func", function)
    return uncompiled


if TYPE_CHECKING:

    def borrowed(value: T) -> T:
        """The same array, or tuple of arrays (any depth), to be used within the compiled function that asks for it.

        Compiled code counts who uses an array: two atomic additions for each array in each call, which cost more than
        most calls do. A borrowed array is not counted. The caller must own it until the end, and it may not be
        returned.
        """


def __getattr__(name: str) -> Any:
    """`borrowed` is made on first use: it needs numba."""
    if name != "borrowed":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = globals()[name] = _itself if _is_disabled() else _make_borrowed()
    return made


def _itself(value: T) -> T:
    return value


def _make_borrowed() -> Any:
    from numba.core import types
    from numba.extending import intrinsic

    def disowned(context: Any, builder: Any, kind: Any, value: Any) -> Any:
        if isinstance(kind, types.Array):
            array = context.make_array(kind)(context, builder, value)
            array.meminfo = array.meminfo.type(None)  # nobody to count for
            return array._getvalue()
        if isinstance(kind, types.BaseTuple):
            for i, part in enumerate(cast(Any, kind)):
                item = disowned(context, builder, part, builder.extract_value(value, i))
                value = builder.insert_value(value, item, i)
        return value

    @intrinsic
    def borrowed(typingctx: Any, value: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return disowned(context, builder, signature.args[0], arguments[0])

        return value(value), codegen

    return borrowed


@contextmanager
def _cache_in(folder: Path | None) -> Iterator[None]:
    """numba reads its cache folder when a function is decorated; put the setting back for the user's own functions."""
    import numba

    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder or "")
    try:
        yield
    finally:
        config.CACHE_DIR = before


def cache_is_cold() -> bool:
    """Whether importing or running an engine will first compile, which takes a while once per machine and version.

    Also after a compilation that was interrupted, or that left something out. Cheap: numba is not imported.
    """
    if _is_disabled():
        return False
    folder = cache_folder()
    return folder is None or not _is_sealed(folder)


def nothing_is_kept() -> bool:
    """Whether every process compiles anew, since there is no folder that can be written."""
    return not _is_disabled() and cache_folder() is None


def seal_cache() -> None:
    """Note that all machine code of this version is in the cache, and remove that of versions long unused."""
    folder = None if _is_disabled() else cache_folder()
    if folder is None:
        return
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w") as file:
            file.write(str(_size(folder)))
        os.replace(name, folder / _SEAL)
    _remove_unused(folder.parent, folder)


def _is_sealed(folder: Path) -> bool:
    try:
        return _size(folder) >= int((folder / _SEAL).read_text())
    except (OSError, ValueError):
        return False


def _size(folder: Path) -> int:
    """Bytes of machine code in a folder."""
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
    """The folder of this version's machine code, made if need be; None when nowhere can be written.

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
    """Whether the folder can be written and belongs to this user: what is loaded from it is executed."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        tempfile.TemporaryFile(dir=folder).close()
        return _is_own(folder)
    except OSError:
        return False


def _is_own(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


@cache
def _installed() -> str:
    """16 hex digits of these sources at this place on this processor: numba finds no code of another place or kind."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{source_digest()} {PACKAGE} {platform.machine()} {platform.processor()}".encode())
    with suppress(OSError):  # Linux, where the line above says little
        for line in sorted(set(Path("/proc/cpuinfo").read_text(errors="replace").splitlines())):
            if line.startswith(("model name", "flags", "Features")):
                digest.update(line.encode())
    return digest.hexdigest()


@cache
def source_digest() -> str:
    """16 hex digits that change with any source that machine code is made from, with numba and with Python."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{sys.version_info[:2]} {importlib.metadata.version('numba')}".encode())
    for name, source in sorted(compiled_sources(PACKAGE).items()):
        digest.update(f"{name} {len(source)} ".encode())
        digest.update(source)
    return digest.hexdigest()


def compiled_sources(package: Path) -> dict[str, bytes]:
    """Module name -> source of all modules that use `compiled`, and of all simfunnel modules that they import."""
    sources = {_module_name(package, file): file.read_bytes() for file in package.rglob("*.py")}
    imports = {name: _imported(source.decode(), sources) for name, source in sources.items()}
    wanted = {f"{package.name}.jit"} | {name for name, source in sources.items() if _DECORATOR.search(source)}
    frontier = set(wanted)
    while frontier:
        frontier = {found for name in frontier for found in imports[name]} - wanted
        wanted |= frontier
    return {name: sources[name] for name in wanted}


def _module_name(package: Path, file: Path) -> str:
    parts = (package.name, *file.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(source: str, modules: Container[str]) -> set[str]:
    """The modules that a source imports anywhere; of `from package import module` only the module."""
    found = set()
    for match in _IMPORT.finditer(source):
        origin = match["origin"] or match["plain"]
        for name in re.findall(r"\w+", match["block"] or match["line"] or "") or [""]:
            full = f"{origin}.{name}"
            found.add(full if full in modules else origin)
    return {name for name in found if name in modules}
