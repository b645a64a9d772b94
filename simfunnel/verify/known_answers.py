"""Known answers: the generator's published ones, and where luck comes from pinned for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simfunnel.distributions import (
    Dist,
    exponential,
    gamma,
    lognormal,
    normal,
    quantile_of,
    quantiles_of,
    triangular,
    uniform,
    weibull,
)
from simfunnel.streams import name_hash, philox, source_hash
from simfunnel.streams import uniform as luck
from simfunnel.verify.figures import Figure, within
from simfunnel.verify.known_bits import elementary_bits, ledger_bits

# counter, key, block: Random123 (Salmon, Moraes, Dror and Shaw 2011), file kat_vectors, lines "philox4x32 10"
PUBLISHED = (
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
)

# (seed, replication, lead, purpose, stage, count) and the 52 bits of its number: the first two words of the block,
# worked out apart from this package in whole numbers; the number itself is (bits + 1/2) / 2^52
PINNED = (
    ((0, 0, 0, 0, 0, 0), 0x6627E8D5E169C),
    ((1, 0, 0, 0, 0, 0), 0xE3E80670E50A0),
    ((1, 7, 18250786612883849217, 17, 1541533561, 3), 0x0728A23865E00),
    ((2**32 - 1, 2**32 - 1, 2**64 - 1, 29, 2**32 - 1, 2**24 - 1), 0x1ED6390E21910),
    ((20270104, 199, 2**40, 15, 77, 1), 0x640E45EFFF6C9),
    ((3141592653, 2, 5909759893803369121, 4, 0, 0), 0x91046A797EECD),
)

# names enter luck by these whole numbers in every release
NAMES = (("demo", 1541533561),)
SOURCES = ((("website",), 16599872), (("webinar", "spring summit"), 2193306))

# families as the model uses them, and how far from scipy's quantiles ours may be, as a share of the value
QUANTILES: tuple[tuple[str, Dist, float], ...] = (
    ("normal", normal(0.0, 1.0), 4e-15),
    ("exponential", exponential(7.0), 1e-12),
    ("lognormal", lognormal(mean=10.0, cv=1.5), 1e-12),
    ("weibull", weibull(3.0, 0.5), 1e-12),
    ("wide weibull", weibull(3.0, 2.0), 1e-12),
    ("uniform", uniform(2.0, 5.0), 1e-12),
    ("triangular", triangular(1.0, 2.0, 6.0), 1e-12),
    ("gamma", gamma(2.0, 1.0), 1e-10),
    ("wide gamma", gamma(2.0, 3.0), 1e-10),
    ("narrow gamma", gamma(2.0, 0.1), 1e-10),
)
LEVELS = np.concatenate(
    [np.geomspace(1e-16, 1e-3, 60), np.linspace(1e-3, 1.0 - 1e-3, 501), 1.0 - np.geomspace(1e-3, 2e-16, 60)]
)


def published_blocks() -> list[Figure]:
    """The generator's three published blocks, word by word."""
    found = []
    for counter, key, block in PUBLISHED:
        words = philox(*(int(word, 16) for word in f"{counter} {key}".split()))
        right = sum(word == int(known, 16) for word, known in zip(words, block.split(), strict=True))
        found.append(within(f"words of counter {counter} key {key}", right, 4))
    return found


def pinned_numbers() -> list[Figure]:
    """Uniform numbers of keys from both ends and the middle of their range, to the last bit."""
    return [within(f"uniform{key}", luck(*key), (bits + 0.5) / 2**52) for key, bits in PINNED]


def pinned_names() -> list[Figure]:
    """The whole numbers by which stages, channels and campaigns enter luck."""
    stages = [within(f"stage {name}", name_hash(name), known) for name, known in NAMES]
    return stages + [within(f"channel {'/'.join(names)}", source_hash(*names), known) for names, known in SOURCES]


def quantiles_beside_scipy() -> list[Figure]:
    """The largest distance of each family's quantiles from scipy's, as a share of the value, far tails included."""
    found = []
    for name, dist, allowed in QUANTILES:
        ours, theirs = np.array([quantile_of(dist, u) for u in LEVELS.tolist()]), quantiles_of(dist, LEVELS)
        gap = np.abs(ours - theirs) / np.where(theirs == 0.0, 1.0, np.abs(theirs))
        found.append(within(name, float(gap.max()), 0.0, allowed))
    return found


@dataclass(frozen=True)
class KnownAnswer:
    """One set of known answers: its name, what it is, where the answers come from, and how to ask."""

    name: str
    title: str
    source: str
    figures: Callable[[], list[Figure]]


KNOWN_ANSWERS = (
    KnownAnswer("philox", "blocks of Philox4x32-10", "Random123, Salmon et al. 2011", published_blocks),
    KnownAnswer("uniform", "uniform numbers by key", "worked out in whole numbers", pinned_numbers),
    KnownAnswer("names", "names that enter luck", "every release", pinned_names),
    KnownAnswer("quantiles", "quantiles beside scipy's", "scipy.special", quantiles_beside_scipy),
    KnownAnswer("bits", "elementary functions, last bits", "every machine", elementary_bits),
    KnownAnswer("ledger", "bytes of a small ledger", "every machine", ledger_bits),
)
