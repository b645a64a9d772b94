from __future__ import annotations

import pytest

from simfunnel.verify import known as known_answers
from simfunnel.verify.known import KNOWN_ANSWERS, KnownAnswer


@pytest.mark.parametrize("answer", KNOWN_ANSWERS, ids=lambda answer: answer.name)
def test_the_known_answers_come_out(answer: KnownAnswer) -> None:
    figures = answer.figures()

    assert figures
    assert [figure.fault for figure in figures if not figure.passed] == []


def test_one_wrong_bit_of_a_block_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    counter, key, block = known_answers.PUBLISHED[0]
    monkeypatch.setattr(known_answers, "PUBLISHED", ((counter, key, block.replace("6627e8d5", "6627e8d4")),))

    assert [figure.seen for figure in known_answers.published_blocks() if not figure.passed] == [3]


def test_the_last_bit_of_a_uniform_number_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_answers, "PINNED", tuple((key, bits ^ 1) for key, bits in known_answers.PINNED))

    assert not any(figure.passed for figure in known_answers.pinned_numbers())


def test_another_hash_of_a_name_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_answers, "NAMES", (("demo", 1),))

    assert [figure.passed for figure in known_answers.pinned_names()] == [False, True, True]


def test_quantiles_that_are_off_by_more_than_allowed_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_answers, "quantile_of", lambda dist, u: float(dist.a * (1.0 + 1e-9) + 0.0 * u))

    assert not any(figure.passed for figure in known_answers.quantiles_beside_scipy())
