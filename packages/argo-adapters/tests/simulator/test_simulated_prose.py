"""The simulated model writes prose that is true, or fails in the manner it is told to."""

import json

import pytest
from attrs import evolve

from argo_adapters.simulator.manners import SHARES, Manner, drawn
from argo_adapters.simulator.prose import NAME, prose
from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidInput
from argo_core.signals.prose import NAME as ASKED_FOR
from argo_core.signals.prose import read_prose, schema
from argo_core.signals.prose_prompt import SYSTEM, document
from argo_core.signals.verifier import Fault, verify
from argo_core.testing.briefs import a_brief

BRIEF = a_brief()


def body(brief=BRIEF):
    ids = [fact.id for fact in brief.evidence]
    form = {"name": NAME, "strict": True, "schema": schema(ids)}
    return {
        "model": "grok-4.20-non-reasoning",
        "max_tokens": 1_200,
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": document(brief)},
        ],
        "response_format": {"type": "json_schema", "json_schema": form},
    }


async def chat(vendors, brief=BRIEF):
    got = await vendors.post("grok", "/v1/chat/completions", body(brief))
    assert got.status == 200
    [choice] = got.json()["choices"]
    return choice["message"]


def test_simulator_and_core_call_it_by_the_same_name():
    assert NAME == ASKED_FOR


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("seed", range(20))
def test_good_prose_is_true_in_every_variation(direction, seed):
    brief = a_brief(direction)
    written = prose(document(brief), Manner.GOOD, seed)
    assert verify(read_prose(json.loads(written.text)), brief) == ()


EVERY_KIND = [
    ("RSI", "61.0", ""),
    ("momentum", "-1.20", "%"),
    ("trend", "0.05", "%"),
    ("MACD", "-0.012", "%"),
    ("ADX", "33.4", ""),
    ("volume", "1.45", "x"),
    ("day move", "2.10", "%"),
    ("place in day range", "0.85", ""),
    ("sampled momentum", "-0.70", "sd"),
    ("sampled RSI", "44.9", ""),
    ("news sentiment", "0.00", ""),
    ("view", "-0.62", "sell"),
]


@pytest.mark.parametrize("seed", range(20))
def test_all_that_the_rules_state_can_be_written_about(seed):
    evidence = tuple(
        evolve(BRIEF.evidence[0], id=f"e{number}", kind=kind, value=value, unit=unit)
        for number, (kind, value, unit) in enumerate(EVERY_KIND, start=1)
    )
    for first in range(len(evidence)):
        brief = evolve(BRIEF, evidence=evidence[first:] + evidence[:first])
        written = prose(document(brief), Manner.GOOD, seed)
        assert verify(read_prose(json.loads(written.text)), brief) == ()


@pytest.mark.parametrize(
    ("manner", "fault"),
    [
        (Manner.WRONG_NUMBER, Fault.NUMBER_NOT_IN_EVIDENCE),
        (Manner.OPPOSITE, Fault.OPPOSITE_DIRECTION),
        (Manner.INJECTED, Fault.INSTRUCTION),
        (Manner.LINK, Fault.STRANGE_WORD),
        (Manner.STRANGER, Fault.UNKNOWN_NAME),
        (Manner.UNCITED, Fault.UNKNOWN_EVIDENCE),
    ],
)
@pytest.mark.parametrize("direction", Direction)
async def test_a_bad_manner_fails_as_it_says(vendors, manner, fault, direction):
    brief = a_brief(direction)
    vendors.simulator.write(manner)
    said = read_prose(json.loads((await chat(vendors, brief))["content"]))
    assert fault in [problem.fault for problem in verify(said, brief)]


@pytest.mark.parametrize("manner", [Manner.TOO_LONG, Manner.MISSING_FIELD])
async def test_prose_out_of_bounds_is_json_all_the_same(vendors, manner):
    vendors.simulator.write(manner)
    with pytest.raises(InvalidInput):
        read_prose(json.loads((await chat(vendors))["content"]))


async def test_broken_json_breaks_off(vendors):
    vendors.simulator.write(Manner.BROKEN_JSON)
    with pytest.raises(json.JSONDecodeError):
        json.loads((await chat(vendors))["content"])


async def test_a_refusal_has_no_content(vendors):
    vendors.simulator.write(Manner.REFUSAL)
    message = await chat(vendors)
    assert message["content"] is None
    assert message["refusal"]


async def test_the_same_question_gets_the_same_prose(vendors):
    assert await chat(vendors) == await chat(vendors)


async def test_a_manner_lasts_until_another_is_chosen(vendors):
    mixed = await chat(vendors)
    vendors.simulator.write(Manner.REFUSAL)
    assert (await chat(vendors))["refusal"]
    vendors.simulator.write(None)
    assert await chat(vendors) == mixed


def test_most_prose_is_good_and_every_failure_happens():
    seen = [drawn(7, f"question {number}") for number in range(2_000)]
    assert set(seen) == set(Manner)
    good = 1 - sum(SHARES.values())
    assert seen.count(Manner.GOOD) / len(seen) == pytest.approx(good, abs=0.03)


@pytest.mark.parametrize("question", ["", "[]", "{", '{"signal": 7, "evidence": {}}'])
@pytest.mark.parametrize("manner", Manner)
def test_a_question_nobody_understands_is_answered_all_the_same(question, manner):
    written = prose(question, manner, 7)
    assert written.text or written.refusal
