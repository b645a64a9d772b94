"""What Python calls becomes a program of its own: with all that it calls, as one module, optimised once.

numba makes a module of each function, and copies what it calls into it to be optimised again: the cost grows with the
depth of calls. Here a function is compiled in two ways. As an *entry*, for Python: a whole program, kept on disk. As a
*part*, for compiled code that calls it: typed and lowered once a process, neither optimised nor made machine code; each
entry links the parts that it reaches. All steps are numba's own, but for the library that a function is lowered into.

Importing this module loads numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import register_pass
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import NativeLowering

# numba says nothing of its types: its classes are Any here, and each class below that derives from one is marked so
Library: Any = JITCodeLibrary
Lowering: Any = NativeLowering
Compiler: Any = CompilerBase
Dispatcher: Any = CPUDispatcher
register: Any = register_pass
nopython_steps: Any = DefaultPassBuilder.define_nopython_pipeline
without_literal: Any = types.unliteral
registered = register(mutates_CFG=True, analysis_only=False)


def make_dispatcher(function: Callable[..., Any], signatures: tuple[str, ...], inlined: bool) -> Any:
    """Return numba's dispatcher of a function, which loads or makes machine code at its first call.

    With signatures it knows these only, and converts whatever it is called with. `inlined` puts the code into each
    caller.
    """
    options = {"nopython": True, "nogil": True, "forceinline": inlined, "boundscheck": None}
    made = EntryDispatcher(function, targetoptions=options, pipeline_class=EntryCompiler)
    made.part = PartDispatcher(function, targetoptions=options, pipeline_class=PartCompiler)
    made.part._compiling_counter = made._compiling_counter  # so that a part may call itself
    made.declared = made.part.declared = signatures
    return made


# ---------------------------------------------------------------------- libraries of code


class Part(Library):  # type: ignore[misc]
    """Code that waits to be linked: not optimised, no machine code."""

    def finalize(self) -> None:
        """Leave the code as it was lowered."""
        self._finalized = True

    def own_module(self) -> Any:
        """Return the code of this function alone, for linking."""
        return super()._get_module_for_linking()

    def _optimize_functions(self, module: Any) -> None:
        module.data_layout = self._codegen._data_layout

    def _get_module_for_linking(self) -> Any:
        """Return the code with all that it calls: for a function that numba compiles in its own way."""
        whole = self.own_module().clone()
        for library in _reached(self):
            module = library.own_module() if isinstance(library, Part) else library._get_module_for_linking()
            whole.link_in(module, preserve=True)
        return whole


class Entry(Library):  # type: ignore[misc]
    """A program: it links its parts, and theirs."""

    def finalize(self) -> None:
        """Link all parts, then let numba link the rest, optimise the whole and make machine code."""
        reached = _reached(self)
        for library in reached:
            if isinstance(library, Part):
                self._final_module.link_in(library.own_module(), preserve=True)
        self._linking_libraries: list[Any] = [library for library in reached if not isinstance(library, Part)]
        super().finalize()


def _reached(library: Any) -> list[Any]:
    """Return the libraries that one links, and that their parts link."""
    found: dict[Any, None] = {}
    wanted = library._linking_libraries[::-1]
    while wanted:
        each = wanted.pop()
        if each not in found:
            found[each] = None
            wanted += each._linking_libraries[::-1] if isinstance(each, Part) else []
    found.pop(library, None)  # of a function that calls itself
    return list(found)


# ---------------------------------------------------------------------- steps of a compilation


@registered
class EntryLowering(Lowering):  # type: ignore[misc]
    """Lower into a program, which only Python calls."""

    _name = "entry_lowering"

    def run_pass(self, state: Any) -> bool:
        """Lower the typed function into a library of its own; return whether anything changed."""
        state.library = Entry(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        state.flags.no_cfunc_wrapper = True
        return bool(super().run_pass(state))


@registered
class PartLowering(Lowering):  # type: ignore[misc]
    """Lower into a part, which only compiled code calls: by a key, since it has no address."""

    _name = "part_lowering"

    def run_pass(self, state: Any) -> bool:
        """Lower the typed function into a library of its own, without wrappers; return whether anything changed."""
        state.library = Part(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_cpython_wrapper = state.flags.no_cfunc_wrapper = state.flags.no_compile = True
        super().run_pass(state)
        key, lowered = object(), state["cr"]
        state.targetctx.insert_user_function(key, lowered.fndesc, [state.library])
        state["cr"] = lowered._replace(cfunc=key)
        return True


class EntryCompiler(Compiler):  # type: ignore[misc]
    """Numba's steps, with a lowering of our own."""

    lowering: type = EntryLowering

    def define_pipelines(self) -> list[Any]:
        """Return numba's steps with our lowering in the place of theirs."""
        steps = nopython_steps(self.state)
        steps.passes = [(self.lowering if step is NativeLowering else step, said) for step, said in steps.passes]
        return [steps]


class PartCompiler(EntryCompiler):
    """Numba's steps, for a part."""

    lowering = PartLowering


# ---------------------------------------------------------------------- who compiles when


class _Declaring(Dispatcher):  # type: ignore[misc]
    """A dispatcher that compiles declared signatures when it is first needed, and no others from then on."""

    declared: tuple[str, ...] = ()

    def compile_declared(self) -> None:
        """Compile the declared signatures unless they are, whichever thread asks first; no others from then on."""
        if self.declared:
            with global_compiler_lock:
                if self._can_compile:
                    for signature in self.declared:
                        self.compile(signature)
                    self.disable_compile()


class PartDispatcher(_Declaring):
    """Parts of one function, by signature."""

    def add_overload(self, made: Any) -> None:
        """Keep a part; numba's own way would have it called from Python."""
        self.overloads[tuple(made.signature.args)] = made

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Let calls from compiled code share one compilation, whatever constants or narrow integers they pass.

        numba would compile `f(lead, -1)`, `f(lead, rep)` and `f(narrow_lead, rep)`, and what they call, three times.
        """
        self.compile_declared()
        return super().get_call_template(tuple(map(_widened, args)), {name: _widened(kws[name]) for name in kws})


class EntryDispatcher(_Declaring):
    """What Python calls; compiled code that calls it gets its part."""

    part: PartDispatcher

    def add_overload(self, made: Any) -> None:
        """Keep a program, and tell it the environments of its parts, as numba does when it loads one from disk."""
        super().add_overload(made)
        for environment in made._find_referenced_environments():
            made.library.codegen.set_env(environment.env_name, environment)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Return the types of a call from compiled code: that of a part."""
        return self.part.get_call_template(args, kws)

    def get_overload(self, signature: Any) -> Any:
        """Return the key of the part with a signature."""
        return self.part.get_overload(signature)

    def _compile_for_args(self, *args: Any, **kws: Any) -> Any:
        if not self.declared:
            return super()._compile_for_args(*args, **kws)
        self.compile_declared()
        return self  # which numba calls again: it knows its signatures now


def _widened(kind: Any) -> Any:
    kind = without_literal(kind)
    return types.int64 if kind in (types.int8, types.int16, types.int32) else kind
