"""Words for a signal that somebody else wrote: a summary, claims with their evidence, risks.

They are printable ASCII, because log entries are. Typographic punctuation is spelled in ASCII;
letters and digits of other scripts are refused and never guessed at, for they may be look-alikes.
"""

import re
from collections.abc import Mapping, Sequence

from attrs import frozen

from argo_core.errors import InvalidInput

NAME = "reasoning"
"""What the structured output is called."""

LONGEST_SUMMARY = 400
LONGEST_CLAIM = 240
LONGEST_RISK = 160
MOST_CLAIMS = 6
MOST_RISKS = 3
MOST_CITED = 12

_ID = re.compile(r"e(?:[1-9]|1[0-2])")
_FIX = "hold the writer to the schema"

# Punctuation alone: nothing here is a letter or a digit in disguise.
_SPELLED = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2026": "...",
    }
)


@frozen
class Claim:
    """A statement, and the ids of the evidence it rests on: at least one, each once."""

    text: str
    evidence_ids: tuple[str, ...]

    def __attrs_post_init__(self) -> None:
        _refuse_unless_plain("claims", self.text, LONGEST_CLAIM)
        ids = self.evidence_ids
        if not 1 <= len(ids) <= MOST_CITED or len(set(ids)) < len(ids):
            problem = f"{len(ids)} are cited, or one of them twice"
            raise InvalidInput("evidence_ids", problem, f"cite 1 to {MOST_CITED}, each once")
        if not all(_ID.fullmatch(one) for one in ids):
            raise InvalidInput("evidence_ids", "one is no id of evidence", "cite e1 to e12")


@frozen
class Prose:
    """A signal in somebody's words, of which nothing is believed before it is verified."""

    summary: str
    claims: tuple[Claim, ...]
    risks: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        _refuse_unless_plain("summary", self.summary, LONGEST_SUMMARY)
        if not 1 <= len(self.claims) <= MOST_CLAIMS:
            problem = f"there are {len(self.claims)}"
            raise InvalidInput("claims", problem, f"give 1 to {MOST_CLAIMS}")
        if len(self.risks) > MOST_RISKS:
            raise InvalidInput("risks", f"there are {len(self.risks)}", f"keep to {MOST_RISKS}")
        for risk in self.risks:
            _refuse_unless_plain("risks", risk, LONGEST_RISK)


def schema(evidence_ids: Sequence[str]) -> dict[str, object]:
    """The JSON schema of prose about a signal with this evidence.

    Only `read_prose` and the verifier decide whether prose is good; vendors enforce what they
    like of a schema, and counts and lengths least of all.

    Raises:
        InvalidInput: there is no evidence, so there is nothing to claim.
    """
    if not evidence_ids:
        raise InvalidInput("evidence_ids", "there is none", "ask for words about evidence")
    claim = _object(
        {
            "text": _text(LONGEST_CLAIM),
            "evidence_ids": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_CITED,
                "items": {"type": "string", "enum": list(evidence_ids)},
            },
        }
    )
    return _object(
        {
            "summary": _text(LONGEST_SUMMARY),
            "claims": {"type": "array", "minItems": 1, "maxItems": MOST_CLAIMS, "items": claim},
            "risks": {"type": "array", "maxItems": MOST_RISKS, "items": _text(LONGEST_RISK)},
        }
    )


def read_prose(payload: object) -> Prose:
    """The prose that parsed JSON of the schema spells, its text made plain.

    The refusals are our own words and carry nothing of the payload's text.

    Raises:
        InvalidInput: the payload is not the asked-for document, or a part of it is no plain text,
            is too long, or is one too many.
    """
    fields = _fields("payload", payload, "summary", "claims", "risks")
    return Prose(
        plain("summary", fields["summary"], LONGEST_SUMMARY),
        tuple(_claim(one) for one in _list("claims", fields["claims"], MOST_CLAIMS)),
        tuple(
            plain("risks", one, LONGEST_RISK) for one in _list("risks", fields["risks"], MOST_RISKS)
        ),
    )


def plain(name: str, text: object, longest: int) -> str:
    """`text` as one line of printable ASCII with single spaces, `longest` characters at most.

    Raises:
        InvalidInput: it is no text, empty, too long, or has a character without an ASCII spelling.
    """
    if not isinstance(text, str):
        raise InvalidInput(name, "it is not a text", _FIX)
    # What is far too long is not worth spelling.
    spelled = " ".join(text[: 2 * longest].translate(_SPELLED).split())
    if len(text) > 2 * longest or len(spelled) > longest:
        raise InvalidInput(name, f"it has {len(text)} characters", f"keep it within {longest}")
    if not spelled:
        raise InvalidInput(name, "it is empty", _FIX)
    if not spelled.isascii() or not spelled.isprintable():
        raise InvalidInput(name, "it is not printable ASCII", "write plain English")
    return spelled


def _refuse_unless_plain(name: str, text: str, longest: int) -> None:
    if plain(name, text, longest) != text:
        raise InvalidInput(name, "it is not one trimmed line", "make it plain first")


def _claim(payload: object) -> Claim:
    fields = _fields("claims", payload, "text", "evidence_ids")
    ids = _list("evidence_ids", fields["evidence_ids"], MOST_CITED)
    if not all(isinstance(one, str) for one in ids):
        raise InvalidInput("evidence_ids", "one is not a text", _FIX)
    # An id that is repeated says nothing new.
    return Claim(
        plain("claims", fields["text"], LONGEST_CLAIM), tuple(dict.fromkeys(map(str, ids)))
    )


def _fields(name: str, payload: object, *expected: str) -> Mapping[str, object]:
    if not isinstance(payload, dict) or set(payload) != set(expected):
        raise InvalidInput(name, f"it is not an object of {', '.join(expected)} alone", _FIX)
    return payload


def _list(name: str, payload: object, most: int) -> Sequence[object]:
    if not isinstance(payload, list):
        raise InvalidInput(name, "it is not a list", _FIX)
    if len(payload) > most:
        raise InvalidInput(name, f"there are {len(payload)}", f"keep to {most}")
    return payload


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": dict(properties),
    }


def _text(longest: int) -> dict[str, object]:
    return {"type": "string", "minLength": 1, "maxLength": longest}
