"""The commented scenario that `simfunnel init` writes: enough for a first answer, with the next steps in comments."""

from __future__ import annotations

from pathlib import Path

TEMPLATE = Path(__file__).with_name("starter.yaml")  # can be run as it stands
NAME = "funnel.yaml"  # by which its comments call it


def starter_text(name: str = NAME) -> str:
    """Return the text of a new scenario file called `name`; it can be run as it stands."""
    return TEMPLATE.read_text(encoding="utf-8").replace(NAME, name)
