"""The bytes of a ledger are the same on every machine: whatever code its C library, numpy, BLAS or numba choose.

Each variant is a process of its own that solves all constants anew. It takes away what this machine may have and
another lacks. One takes the C library's code for AVX2 and fused multiply-add, numpy's code for anything beyond its
baseline and BLAS's for this processor; it runs the machine code that is there. The other takes numba's, and compiles
everything into a folder of its own, as the first process on a machine does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from tests.properties.ledgers import KNOWN, exported

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BEYOND_BASELINE = " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))
GENERIC = "machine code for any processor"
VARIANTS = {
    GENERIC: {"NUMBA_CPU_NAME": "generic"},
    "C library, numpy and BLAS of an old processor": {
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4",
        "NPY_DISABLE_CPU_FEATURES": BEYOND_BASELINE,
        "OPENBLAS_CORETYPE": "Nehalem",
    },
}


@cache
def printed(variant: str) -> dict[str, Any]:
    """What a process under a variant prints; its constants are kept apart, and machine code that differs."""
    command = [sys.executable, "-m", "tests.properties.ledgers"]
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, **VARIANTS[variant], "SIMFUNNEL_CACHE": folder}
        if variant == GENERIC:
            env, command = env | {"NUMBA_CACHE_DIR": folder}, [*command, "--warm-up"]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_after_warming_up_nothing_is_left_to_compile() -> None:
    """Neither for the known ledgers nor for pilots nor for a study of the scenario that types everything."""
    warm, after = printed(GENERIC)["pieces"]

    assert warm == after > 20


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_ledger_and_its_export_have_the_same_bytes_with(variant: str, tmp_path: Path) -> None:
    """As this machine: `test_known_bytes` holds its ledgers to the same digests."""
    told = printed(variant)

    assert told["known"] == {name: known for name, (_, _, known) in KNOWN.items()}
    assert told["exported"] == exported(tmp_path)
