import itertools
import math
import os
import subprocess
import sys
import timeit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simfunnel import streams
from simfunnel.distributions import exponential, gamma, lognormal, quantile_of
from simfunnel.streams import (
    check_seed,
    fill_uniforms,
    make_id,
    name_hash,
    philox,
    source_hash,
    split_id,
    uniform,
    variate,
)

PURPOSES = {
    name: value
    for name, value in vars(streams).items()
    if name.isupper() and isinstance(value, int) and not name.startswith(("_", "LARGEST"))
}
DRAWS = 20_000
LEADS = [make_id(source_hash("website"), 20_820 + k // 640, k % 640 // 8, k % 8) for k in range(DRAWS)]
FEW_LIKE_THIS = 1e-4  # p-value below which a test with a fixed seed would be called failed

WORD = st.integers(0, 2**32 - 1)


def draws(lead: int | None = None, **key: int) -> np.ndarray:
    """Uniforms of many leads under one key, or of one lead under many counts."""
    full = {"seed": 7, "replication": 3, "purpose": streams.EFFORT, "stage": 11, "count": 0, **key}
    seed, replication, purpose, stage, count = full.values()
    if lead is not None:
        return np.array([uniform(seed, replication, lead, purpose, stage, k) for k in range(DRAWS)])
    return np.array([uniform(seed, replication, one, purpose, stage, count) for one in LEADS])


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # known answers of Random123, kat_vectors, "philox4x32 10"
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_philox_gives_the_published_answers(counter: str, key: str, words: str) -> None:
    given_words = [int(word, 16) for word in (counter + " " + key).split()]

    assert [f"{word:08x}" for word in philox(*given_words)] == words.split()


@given(counter=st.tuples(WORD, WORD, WORD, WORD), key=st.tuples(WORD, WORD))
def test_philox_is_ten_rounds_of_its_definition(counter: tuple[int, ...], key: tuple[int, ...]) -> None:
    x, k = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(second >> 32) ^ x[1] ^ k[0], second % 2**32, (first >> 32) ^ x[3] ^ k[1], first % 2**32]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]

    assert list(philox(*counter, *key)) == x


@given(seed=WORD, replication=WORD, lead=st.integers(0, 2**64 - 1), stage=WORD, count=st.integers(0, 2**24 - 1))
def test_a_uniform_is_52_bits_of_the_block_at_its_key(
    seed: int, replication: int, lead: int, stage: int, count: int
) -> None:
    high, low, _, _ = philox(lead % 2**32, lead >> 32, stage, streams.LUCK << 24 | count, seed, replication)

    u = uniform(seed, replication, lead, streams.LUCK, stage, count)

    assert 0.0 < u < 1.0
    assert u == ((high << 20 | low >> 12) + 0.5) / 2**52


def test_the_extreme_words_stay_inside_the_open_interval() -> None:
    assert (0 + 0.5) * streams._STEP > 0.0
    assert (2**52 - 1 + 0.5) * streams._STEP < 1.0


def test_python_ints_and_numpy_integers_are_the_same_key() -> None:
    lead = LEADS[-1]

    same = {
        uniform(1, 2, lead, 3, 4, 5),
        uniform(np.int64(1), np.uint64(2), np.uint64(lead), np.int32(3), np.uint32(4), np.int64(5)),
    }

    assert len(same) == 1
    assert lead > 2**63 or uniform(1, 2, np.int64(lead), 3, 4, 5) in same


def test_one_specialisation_serves_every_caller() -> None:
    variate(1, 2, LEADS[0], 3, 4, 5, 2, 1.0, 0.5, 0.0)
    variate(np.int64(1), 2, np.uint64(LEADS[0]), 3, np.int32(4), 5, 2, 1, 1, np.float64(0))

    assert len(getattr(variate, "signatures", [1])) == 1


@pytest.mark.parametrize(
    "key",
    [{}, {"purpose": 0}, {"purpose": 29}, {"replication": 10**6}, {"seed": 2**32 - 1}, {"stage": 2**32 - 1}],
)
def test_uniforms_of_neighbouring_leads_are_uniform_and_uncorrelated(key: dict[str, int]) -> None:
    u = draws(**key)

    assert stats.kstest(u, "uniform").pvalue > FEW_LIKE_THIS
    assert stats.kstest((u * 1024) % 1, "uniform").pvalue > FEW_LIKE_THIS  # the lower bits too
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4 / math.sqrt(DRAWS)


def test_uniforms_of_one_lead_over_counts_are_uniform_and_uncorrelated() -> None:
    u = draws(lead=LEADS[0])

    assert stats.kstest(u, "uniform").pvalue > FEW_LIKE_THIS
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4 / math.sqrt(DRAWS)


@pytest.mark.parametrize(
    "other",
    [{"purpose": streams.LUCK}, {"replication": 4}, {"seed": 8}, {"stage": 12}, {"count": 1}, {"count": 2**24 - 1}],
)
def test_any_change_of_the_key_gives_independent_luck(other: dict[str, int]) -> None:
    u, v = draws(), draws(**other)
    table = np.histogram2d(u, v, bins=10, range=[[0, 1], [0, 1]])[0]

    assert abs(np.corrcoef(u, v)[0, 1]) < 4 / math.sqrt(DRAWS)
    assert stats.chisquare(table.ravel()).pvalue > FEW_LIKE_THIS
    assert not (u == v).any()


def test_every_pair_of_purposes_is_uncorrelated() -> None:
    by_purpose = np.array([[uniform(7, 3, lead, p, 0, 0) for lead in LEADS[:4000]] for p in range(30)])
    correlations = np.corrcoef(by_purpose)[np.triu_indices(30, 1)]

    assert np.abs(correlations).max() < 5 / math.sqrt(4000)


def test_the_sum_over_purposes_varies_as_independent_uniforms_do() -> None:
    sums = sum(draws(purpose=p) for p in range(12))

    assert np.var(sums) == pytest.approx(1.0, abs=5 * math.sqrt(2 / DRAWS))


@given(seed=WORD, replication=WORD, stage=WORD, count=st.integers(0, 2**24 - 1), n=st.integers(0, 70))
def test_filling_many_gives_the_bits_of_one_at_a_time(
    seed: int, replication: int, stage: int, count: int, n: int
) -> None:
    leads, filled = np.array(LEADS[:n], np.uint64), np.empty(n)

    fill_uniforms(seed, replication, leads, streams.LUCK, stage, count, filled)

    assert filled.tolist() == [uniform(seed, replication, lead, streams.LUCK, stage, count) for lead in LEADS[:n]]


@pytest.mark.parametrize("dist", [exponential(7.0), lognormal(median=3.0, p90=20.0), gamma(1.0, 0.3)])
def test_a_variate_is_the_quantile_at_its_uniform(dist) -> None:
    for lead in LEADS[:100]:
        u = uniform(1, 2, lead, streams.EFFORT, 5, 6)

        assert variate(1, 2, lead, streams.EFFORT, 5, 6, *dist[:4]) == quantile_of(dist, u)


@given(
    source=st.integers(0, 2**24 - 1),
    day=st.integers(0, 2**16 - 1),
    layer=st.integers(0, 2**19 - 1),
    index=st.integers(0, 31),
)
def test_an_identity_splits_into_what_it_was_made_of(source: int, day: int, layer: int, index: int) -> None:
    lead = make_id(source, day, layer, index)

    assert split_id(lead) == (source, day, layer, index)
    assert lead == source << 40 | day << 24 | layer << 5 | index
    assert type(lead) is int


def test_items_of_a_list_are_numbered_over_layer_and_index() -> None:
    ids = {make_id(5, 0, number >> 5, number & 31) & (2**24 - 1) for number in range(100)}

    assert ids == set(range(100))


def test_names_hash_as_they_did_in_every_release() -> None:
    assert name_hash("demo") == 1541533561
    assert source_hash("website") == 16599872
    assert source_hash("webinar", "spring summit") == 2193306


def test_hashes_fit_their_bits_and_tell_names_apart() -> None:
    names = ["", "a", "b", "ab", "Demo", "demo", "café", "website", "webinar", "chat"]

    assert all(0 <= name_hash(name) < 2**32 and 0 <= source_hash(name) < 2**24 for name in names)
    assert len({name_hash(name) for name in names}) == len(names)
    assert source_hash("a", "b") != source_hash("ab") != source_hash("b", "a")


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_a_seed_of_32_bits_is_taken(seed: int) -> None:
    assert check_seed(seed) == seed


@pytest.mark.parametrize("seed", [-1, 2**32, True])
def test_any_other_seed_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="a whole number from 0 to 4294967295"):
        check_seed(seed)


def test_the_table_of_purposes_is_only_appended_to() -> None:
    assert sorted(PURPOSES.values()) == list(range(30))
    assert [PURPOSES[name] for name in ("CELL", "TIME", "QUALITY", "ASSESSMENT", "LUCK", "WAIT", "QUALITY_LIFT")] == [
        *(0, 1, 4, 10, 17, 20, 29)
    ]


SAMPLE = """
from simfunnel.streams import make_id, uniform, variate
ids = [make_id(source, 20820, 3, 1) for source in (0, 5, 2**23, 2**24 - 1)]
for lead in ids:
    print(lead, uniform(2**32 - 1, 9, lead, 29, 2**32 - 1, 2**24 - 1).hex())
    for family, a, b, c in ((0, 1., 0., 0.), (1, 2., 0., 0.), (2, 1., .5, 0.), (3, 11., .09, 0.), (3, .4, 2., 0.),
                            (4, 2., 3., 0.), (5, 1., 2., 0.), (6, 1., 2., 6.), (8, 0., 1., 0.)):
        print(float(variate(1, 2, lead, 15, 77, 3, family, a, b, c)).hex())
"""


def test_plain_python_gives_the_same_bytes_as_the_compiled_code() -> None:
    outputs = []
    for disabled in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", SAMPLE], env=environment, capture_output=True, text=True, check=True
        )
        outputs.append(done.stdout)

    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 40


@pytest.mark.skipif(not hasattr(variate, "signatures"), reason="NUMBA_DISABLE_JIT is set")
def test_a_draw_from_python_costs_about_a_microsecond() -> None:
    lead = LEADS[0]

    seconds = min(timeit.repeat(lambda: variate(1, 2, lead, 15, 77, 3, 2, 1.0, 0.5, 0.0), number=2000, repeat=20))

    assert seconds / 2000 < 5e-6  # 0.5 us measured on a quiet machine


def test_different_leads_and_sources_never_share_luck() -> None:
    ids = [make_id(source, day, layer, 0) for source, day, layer in itertools.product((1, 2), (3, 4), (5, 6))]

    assert len({uniform(1, 0, lead, streams.QUALITY, 0, 0) for lead in ids}) == 8
