"""How names enter the luck: a hash, the same on every machine and in every process."""

from __future__ import annotations

from hashlib import blake2b


def name_hash(text: str) -> int:
    """32 bits of a name.

    >>> name_hash("demo") == name_hash("demo"), name_hash("demo") == name_hash("Demo")
    (True, False)
    """
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big")


def source_hash(channel: str, *more: str) -> int:
    """24 bits of the names that a source of leads goes by: a channel, and a campaign, list or opening stage in it.

    Names are joined by a character that no name contains, so ("a", "b") and ("ab",) differ.
    """
    return int.from_bytes(blake2b("\x1f".join((channel, *more)).encode(), digest_size=3).digest(), "big")
