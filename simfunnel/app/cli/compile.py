"""`simfunnel compile`: the machine code of the simulator, made before it is needed."""

from __future__ import annotations

from simfunnel.app.cli.printing import note
from simfunnel.app.cli.studying import ready
from simfunnel.jit import cache_folder, cache_is_cold, is_disabled

NOT_KEPT = "there is no folder to keep machine code in; set NUMBA_CACHE_DIR to one that can be written"


def compile() -> int:
    """Compile the simulator for this machine and version, for all later commands.

    The first command that simulates does the same beside its work. Worth it before a demonstration, or in an image
    that is used by many.

    \b
    Example:
      simfunnel compile
    """
    from simfunnel.app.cli.failures import DONE, NOT_MET

    if is_disabled():
        note("NUMBA_DISABLE_JIT is set: nothing is compiled")
        return DONE
    folder = cache_folder()
    if folder is None:
        note(NOT_KEPT)
        return NOT_MET
    if not cache_is_cold():
        note("compiled already")
        return DONE
    ready()
    if cache_is_cold():
        note(f"the machine code could not be kept in {folder}: is the disk full?")
        return NOT_MET
    return DONE
