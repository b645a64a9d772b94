"""Ten messages to the letter: place, path, value, rule, remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from simfunnel.errors import ScenarioError
from simfunnel.scenario import load

BAD = Path(__file__).parent / "bad"

TEXTS = {
    "field-unknown-and-missing": "10:30: pools.SDR.rep: unknown field; did you mean reps?",
    "duration-misspelt": (
        "5:53: channels.web.patience: '2 busines days', 'busines days' is not a unit of time; "
        "write a number and a unit, such as 15m, 4h, 3 days or 2 business days"
    ),
    "enum-misspelt": (
        "10:70: pools.SDR.discipline: 'newest frist', is not fifo, newest first or highest score first; "
        "did you mean newest first?"
    ),
    "share-as-bare-percent": "13:35: stages.discovery.conversion: 45, a share cannot be above 1; write 45%",
    "otherwise-does-not-add-up": (
        "13:51: stages.discovery.otherwise: shares add up to 0.9 (nurture 0 + postponed 0.3 + lost 0.6); "
        "they must add up to 1: raise or lower one of them"
    ),
    "reading-comma-in-number": (
        '5:18: channels.web."000 / month": has no value; '
        "a comma ends a value inside braces: write 1000 without a comma, or quotes around it"
    ),
    "what-if-misspelt-path": (
        "16:10: what_ifs.more.\"pools.SDR.rep\": names 'rep', which pools.SDR has not; did you mean reps?"
    ),
    "meaning-channel-without-pool": (
        "6:3: channels.chat: 'chat', is served by no pool at discovery, while SDR serves other channels there; "
        "add chat to pools.SDR.channels, or to another pool at discovery"
    ),
    "meaning-too-few-heads-to-split": (
        "10:69: pools.SDR.structure: 'dedicated', cannot split 1 head into teams for 2 channels (web and chat): "
        "each team needs one; write at least 2 reps, fewer channels, or structure: pooled"
    ),
    "meaning-agreement": (
        "8:52: acceptance.agreement: -0.2, is impossible: with a score accuracy of 0.7 and sales' accuracy of 0.7 "
        "(correlations with true quality) their agreement lies between -0.020 and 1.000; "
        "write a number from -0.020 to 1.000, or leave the line out"
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_message_gives_place_path_value_rule_and_remedy(name: str) -> None:
    file = BAD / f"{name}.yaml"

    with pytest.raises(ScenarioError) as caught:
        load(file)

    assert str(caught.value) == f"{file}:{TEXTS[name]}"
