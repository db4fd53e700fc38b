"""Prose is bounded plain text with citations, or it is refused before anybody reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.signals.brief import Brief
from argo_core.signals.prose import (
    LONGEST_CLAIM,
    LONGEST_RISK,
    LONGEST_SUMMARY,
    MOST_CLAIMS,
    MOST_RISKS,
    Claim,
    Prose,
    plain,
    read_prose,
    schema,
)
from argo_core.signals.prose_prompt import SYSTEM, document
from argo_core.signals.rendering import render
from argo_core.testing.briefs import a_brief, briefs
from argo_core.testing.fake_reasoner import honest

CLAIM = {"text": "RSI at 61", "evidence_ids": ["e1"]}
GOOD = {"summary": "A rise", "claims": [CLAIM], "risks": ["It may end"]}


def test_a_document_of_the_schema_is_prose() -> None:
    assert read_prose(GOOD) == Prose("A rise", (Claim("RSI at 61", ("e1",)),), ("It may end",))


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "A rise",
        {**GOOD, "more": 1},
        {"summary": "A rise", "claims": [CLAIM]},
        {**GOOD, "summary": 7},
        {**GOOD, "summary": ""},
        {**GOOD, "summary": "  \n "},
        {**GOOD, "summary": "x" * (LONGEST_SUMMARY + 1)},
        {**GOOD, "summary": " " * 2_000 + "x"},
        {**GOOD, "summary": "x" + " " * 2_000 + "y"},
        {**GOOD, "claims": []},
        {**GOOD, "claims": CLAIM},
        {**GOOD, "claims": ["RSI at 61"]},
        {**GOOD, "claims": [CLAIM] * (MOST_CLAIMS + 1)},
        {**GOOD, "claims": [{"text": "RSI at 61"}]},
        {**GOOD, "claims": [{**CLAIM, "evidence_ids": []}]},
        {**GOOD, "claims": [{**CLAIM, "evidence_ids": "e1"}]},
        {**GOOD, "claims": [{**CLAIM, "evidence_ids": [1]}]},
        {**GOOD, "claims": [{**CLAIM, "evidence_ids": ["e13"]}]},
        {**GOOD, "claims": [{**CLAIM, "evidence_ids": ["e0"]}]},
        {**GOOD, "claims": [{**CLAIM, "evidence_ids": ["e1"] * 13}]},
        {**GOOD, "claims": [{**CLAIM, "text": "x" * (LONGEST_CLAIM + 1)}]},
        {**GOOD, "risks": None},
        {**GOOD, "risks": ["x"] * (MOST_RISKS + 1)},
        {**GOOD, "risks": ["x" * (LONGEST_RISK + 1)]},
        {**GOOD, "risks": [None]},
    ],
)
def test_anything_else_is_refused(payload: object) -> None:
    with pytest.raises(InvalidInput):
        read_prose(payload)


def test_a_refusal_repeats_nothing_of_the_text() -> None:
    for part in ({"summary": "poison\u0430"}, {"claims": [{"poison": 1}]}, {"poison": 1}):
        with pytest.raises(InvalidInput) as refused:
            read_prose({**GOOD, **part})
        assert "poison" not in str(refused.value)


LOOK_ALIKES = {
    "Cyrillic a": "\u0430",
    "full-width six": "\uff16",
    "Arabic three": "\u0663",
    "zero-width space": "\u200b",
    "right-to-left": "\u202e",
    "superscript two": "\u00b2",
    "half": "\u00bd",
    "Roman seven": "\u2166",
    "accent": "\u00e9",
    "rocket": "\U0001f680",
    "null": "\x00",
    "delete": "\x7f",
}


@pytest.mark.parametrize("character", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_look_alikes_and_hidden_characters_are_refused(character: str) -> None:
    with pytest.raises(InvalidInput):
        read_prose({**GOOD, "summary": f"RSI at 6{character}1"})


def test_typographic_punctuation_is_spelled_in_ascii() -> None:
    fancy = "\u201cA rise\u201d \u2014 it\u2019s at \u22120.5\u00a0%\u2026\nand\tmore"
    assert plain("summary", fancy, 100) == '"A rise" - it\'s at -0.5 % ... and more'.replace(
        " ...", "..."
    )


@given(st.text(max_size=60))
def test_plain_text_is_a_line_of_ascii_or_refused(text: str) -> None:
    try:
        spelled = plain("summary", text, 40)
    except InvalidInput:
        return
    assert spelled.isascii()
    assert spelled.isprintable()
    assert 0 < len(spelled) <= 40
    assert plain("summary", spelled, 40) == spelled


@pytest.mark.parametrize("text", [" a", "a  b", "a\nb", "", "\u2019"])
def test_prose_that_is_not_plain_cannot_be_made(text: str) -> None:
    claim = Claim("fine", ("e1",))
    for make in (
        lambda: Prose(text, (claim,)),
        lambda: Prose("fine", (claim,), (text,)),
        lambda: Claim(text, ("e1",)),
    ):
        with pytest.raises(InvalidInput):
            make()


def test_prose_beyond_its_counts_cannot_be_made() -> None:
    claim = Claim("fine", ("e1",))
    for make in (
        lambda: Prose("fine", ()),
        lambda: Prose("fine", (claim,) * (MOST_CLAIMS + 1)),
        lambda: Prose("fine", (claim,), ("fine",) * (MOST_RISKS + 1)),
        lambda: Claim("fine", ()),
        lambda: Claim("fine", ("e1", "e1")),
        lambda: Claim("fine", ("e1x",)),
    ):
        with pytest.raises(InvalidInput):
            make()


def test_an_id_cited_twice_counts_once() -> None:
    prose = read_prose({**GOOD, "claims": [{**CLAIM, "evidence_ids": ["e2", "e1", "e2"]}]})
    assert prose.claims[0].evidence_ids == ("e2", "e1")


def test_a_schema_lists_the_evidence_and_the_bounds() -> None:
    whole = schema(["e1", "e2"])
    text = str(whole)
    assert "'enum': ['e1', 'e2']" in text
    assert f"'maxLength': {LONGEST_SUMMARY}" in text
    assert text.count("'additionalProperties': False") == 2
    assert whole["required"] == ["summary", "claims", "risks"]


def test_there_is_no_schema_for_words_about_nothing() -> None:
    with pytest.raises(InvalidInput):
        schema([])


def test_words_are_one_line_with_citations() -> None:
    prose = Prose(
        "A rise",
        (Claim("RSI at 61.", ("e1",)), Claim("Momentum and trend agree", ("e2", "e3"))),
        ("It may end.", "Volume is thin"),
    )
    assert render(prose) == (
        "A rise. RSI at 61 [e1]. Momentum and trend agree [e2][e3]. "
        "Risks: It may end; Volume is thin."
    )


def test_words_without_risks_end_with_the_last_claim() -> None:
    assert render(Prose("Up!", (Claim("RSI", ("e1",)),))) == "Up! RSI [e1]."


@given(briefs())
def test_words_are_printable_ascii_and_bounded(brief: Brief) -> None:
    words = render(honest(brief))
    assert words.isascii()
    assert words.isprintable()
    assert len(words) < 2_900


def test_the_longest_prose_is_still_bounded() -> None:
    claim = Claim("x" * LONGEST_CLAIM, tuple(f"e{number}" for number in range(1, 13)))
    prose = Prose("x" * LONGEST_SUMMARY, (claim,) * MOST_CLAIMS, ("x" * LONGEST_RISK,) * MOST_RISKS)
    assert len(render(prose)) < 2_900


def test_a_document_is_data_without_time_or_price() -> None:
    said = document(a_brief())
    assert '"points":"+34 %"' in said
    assert '"confidence":"82 %"' in said
    assert "195.10" not in said
    assert "2024" not in said
    assert SYSTEM.isascii()
