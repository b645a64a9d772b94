"""The bytes of a ledger are the same on every machine: whatever code its C library, numpy, BLAS or numba choose.

Each variant is a process of its own that solves all constants anew. It takes away what this machine may have and
another lacks: the C library's code for AVX2 and fused multiply-add, numpy's code for anything beyond its baseline,
BLAS's for this processor, and numba's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from tests.properties.ledgers import KNOWN

ROOT = Path(__file__).parents[2]
BEYOND_BASELINE = " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))
VARIANTS = {
    "another C library": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4"},
    "numpy and BLAS of an old processor": {
        "NPY_DISABLE_CPU_FEATURES": BEYOND_BASELINE,
        "OPENBLAS_CORETYPE": "Nehalem",
    },
    "machine code for any processor": {"NUMBA_CPU_NAME": "generic"},
}


@cache
def ledgers(variant: str, folder: Path | None = None) -> Any:
    """What a process under a variant prints; `folder`: for its machine code, when that differs."""
    env = {**os.environ, **VARIANTS.get(variant, {})}
    if folder is not None:
        env |= {"NUMBA_CACHE_DIR": str(folder)}
    command = [sys.executable, "-m", "tests.properties.ledgers"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_this_machine_makes_the_known_ledgers_in_a_process_of_its_own() -> None:
    assert ledgers("this machine")["known"] == {name: known for name, (_, _, known) in KNOWN.items()}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_ledger_and_its_export_have_the_same_bytes_with(variant: str, tmp_path: Path) -> None:
    own = tmp_path if "NUMBA_CPU_NAME" in VARIANTS[variant] else None

    assert ledgers(variant, own) == ledgers("this machine")
