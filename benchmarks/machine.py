"""What a figure was measured on: processor, memory, versions; and the memory of this process."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

GIB = 1 << 30


def processor() -> str:
    """The processor's name as the system tells it."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.split(":", 1)[1].split())
    return platform.processor() or platform.machine()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def total_memory() -> float:
    """Bytes of memory of the machine."""
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def version(package: str) -> str | None:
    """The installed version of a package, None when it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def compiler_version(command: str | None) -> str | None:
    """The first line with which a compiler introduces itself."""
    if command is None:
        return None
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=False).stdout
    return said.splitlines()[0].strip() if said else command


def described(packages: Iterable[str], compiler: str | None = None, started_under: float | None = None) -> str:
    """One sentence: date, machine, versions; `started_under`: the load average when measuring began."""
    versions = [f"{name} {found}" for name in packages if (found := version(name))]
    parts = [
        f"{date.today():%Y-%m-%d}",
        f"{processor()}, {cores()} cores, {total_memory() / GIB:.0f} GiB, {platform.system()}",
        ", ".join([f"Python {platform.python_version()}", *versions]),
        *([told] if (told := compiler_version(compiler)) else []),
        *([f"load average at the start {started_under:.1f}"] if started_under is not None else []),
    ]
    return "; ".join(parts) + "."


def load() -> float:
    """The load average of the last minute: how busy others keep the machine."""
    return os.getloadavg()[0]


def memory() -> tuple[float, float]:
    """(now, peak) bytes of this process."""
    status = Path("/proc/self/status")
    if not status.exists():
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return float(peak), float(peak)
    sizes = {line.split(":")[0]: line.split()[1] for line in status.read_text().splitlines() if line.startswith("Vm")}
    return 1024 * float(sizes["VmRSS"]), 1024 * float(sizes["VmHWM"])


def forget_the_peak() -> None:
    """Start the peak anew from here, where the system can (Linux), so that compiling does not hide the run's own."""
    reset = Path("/proc/self/clear_refs")
    if reset.exists():
        reset.write_text("5")
