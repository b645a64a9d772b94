"""The version of simfunnel that runs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """Return the version that is installed, or "0+source" in a checkout that is not."""
    try:
        return version("simfunnel")
    except PackageNotFoundError:
        return "0+source"


__version__ = installed_version()
