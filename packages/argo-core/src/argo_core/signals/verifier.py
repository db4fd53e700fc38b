"""Whether prose about a signal says what its evidence says, and nothing that it must not.

Pure, strict and blunt: what cannot be read for sure is refused, and refusing costs only the
template's words. Every number has to be a value of the evidence that its claim cites (in summary
and risks: of any evidence; in the summary confidence and contributions as well), rounded to the
digits written and with its sign and unit. Names are those of the signal and its evidence. No word
may speak for another direction, instruct, promise or lead elsewhere.

What it cannot see, and nobody should think it can: whether a sentence without numbers is true,
whether a number stands beside the right word of its own evidence, irony, other languages in ASCII,
words cut in two by a blank, other companies' names in lower case or at the start of a sentence.
The bounds on what a source can do to the confidence do not depend on any of this.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from argo_core.consensus.reasons import Direction
from argo_core.market.instrument import Symbol
from argo_core.signals.brief import Brief
from argo_core.signals.evidence import Evidence
from argo_core.signals.figures import (
    PERCENT,
    Figure,
    Quantity,
    Unreadable,
    agree,
    figures,
    quantities,
)
from argo_core.signals.prose import Prose
from argo_core.signals.reasoning import title
from argo_core.signals.wording import commands, contacts, opposes, promises, spelled_out
from argo_core.signals.words import Word, words

VERIFIER_VERSION = "verifier-1"

# Of all apostrophes only that of "isn't" is needed; any other may cut a word in two.
_PLAIN_WORD = re.compile(r"[A-Za-z]+(?:'t)?")
# What may be called by its name because evidence has it: no address, whoever wrote the evidence.
_NAME = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*")
_MARKS = frozenset(("%", "-", "--"))


class Fault(StrEnum):
    """What is wrong with prose."""

    UNKNOWN_EVIDENCE = "unknown_evidence"
    NUMBER_NOT_IN_EVIDENCE = "number_not_in_evidence"
    UNREADABLE_NUMBER = "unreadable_number"
    VAGUE_NUMBER = "vague_number"
    OPPOSITE_DIRECTION = "opposite_direction"
    UNKNOWN_NAME = "unknown_name"
    STRANGE_WORD = "strange_word"
    INSTRUCTION = "instruction"
    CONTACT = "contact"
    PROMISE = "promise"


@frozen
class Problem:
    """A fault and the part of the prose it is in: "summary", "claim 2", "risk 1"."""

    fault: Fault
    part: str

    def __str__(self) -> str:
        return f"{self.fault} in {self.part}"


@frozen
class _Scope:
    """What one part may speak of: quantities, names, and words that hold digits or marks."""

    symbol: Symbol
    direction: Direction
    quantities: tuple[Quantity, ...]
    names: frozenset[str]


def verify(prose: Prose, brief: Brief) -> tuple[Problem, ...]:
    """Everything that is wrong with the prose, in order of its parts; nothing accepts it.

    Prose that is accepted for a brief is accepted for every brief with the same `prose_key`.
    """
    facts = {fact.id: fact for fact in brief.evidence}
    # A summary may say what the whole signal says; a risk speaks of evidence alone.
    points = [brief.confidence, *(pull.points for pull in brief.pulls)]
    shown = tuple(Quantity(Decimal(one), PERCENT) for one in points)
    sources = tuple(pull.source for pull in brief.pulls)
    everything = _scope(brief, brief.evidence, sources)
    whole = _Scope(
        everything.symbol, everything.direction, everything.quantities + shown, everything.names
    )
    problems = _check("summary", prose.summary, whole)
    for number, claim in enumerate(prose.claims, start=1):
        part = f"claim {number}"
        if not facts.keys() >= set(claim.evidence_ids):
            problems.append(Problem(Fault.UNKNOWN_EVIDENCE, part))
        cited = [facts[one] for one in claim.evidence_ids if one in facts]
        problems += _check(part, claim.text, _scope(brief, cited, ()))
    for number, risk in enumerate(prose.risks, start=1):
        problems += _check(f"risk {number}", risk, everything)
    return tuple(problems)


def _scope(brief: Brief, evidence: Sequence[Evidence], sources: Iterable[str]) -> _Scope:
    stated = [
        quantity
        for fact in evidence
        for quantity in (
            *quantities(fact.value, fact.unit),
            *quantities(fact.kind),
            *quantities(fact.unit),
        )
    ]
    spoken = [
        *(text for fact in evidence for text in (fact.kind, fact.value, fact.unit)),
        *(title(source) for source in (*(fact.source for fact in evidence), *sources)),
    ]
    names = {word.bare for text in spoken for word in words(text) if _NAME.fullmatch(word.bare)}
    pair = brief.symbol.split("/") if "/" in brief.symbol else ()
    own = {brief.symbol, brief.direction.name, brief.direction.capitalize(), *pair}
    return _Scope(brief.symbol, brief.direction, tuple(stated), frozenset(names | own))


def _check(part: str, text: str, scope: _Scope) -> list[Problem]:
    line = words(text)
    faults = [
        *_numbers([word for word in line if not _named_with_digits(word, scope)], scope),
        *(_word(word, scope.names) for word in line if word.bare not in scope.names),
        Fault.STRANGE_WORD if spelled_out(line) else None,
        Fault.OPPOSITE_DIRECTION if opposes(line, scope.direction) else None,
        Fault.INSTRUCTION if commands(line) else None,
        Fault.CONTACT if contacts(line) else None,
        Fault.PROMISE if promises(line) else None,
    ]
    # A fault counts once in each part.
    return [Problem(fault, part) for fault in dict.fromkeys(faults) if fault is not None]


def _named_with_digits(word: Word, scope: _Scope) -> bool:
    """Whether the digits of a word belong to a name such as SMA20; a plain number is no name."""
    mixed = any(map(str.isdigit, word.bare)) and any(map(str.isalpha, word.bare))
    return mixed and word.bare in scope.names


def _numbers(line: Sequence[Word], scope: _Scope) -> Iterable[Fault]:
    for found in figures(line):
        if isinstance(found, Unreadable):
            yield Fault.UNREADABLE_NUMBER
        elif not isinstance(found, Figure):
            yield Fault.VAGUE_NUMBER
        elif not any(agree(found, quantity) for quantity in scope.quantities):
            yield Fault.NUMBER_NOT_IN_EVIDENCE


def _word(word: Word, names: frozenset[str]) -> Fault | None:
    """What is wrong with the looks of a word that is no known name."""
    if word.bare in _MARKS or any(letter.isdigit() for letter in word.bare):
        return None
    parts = word.bare.split("-")
    if not all(_PLAIN_WORD.fullmatch(part) for part in parts):
        return Fault.STRANGE_WORD
    for place, part in enumerate(parts):
        if part not in names and not _ordinary(part, opens=word.opens and place == 0):
            return Fault.UNKNOWN_NAME
    return None


def _ordinary(part: str, *, opens: bool) -> bool:
    """Whether a word looks like any other: in lower case, but for the start of a sentence."""
    return part.islower() or (opens and part[1:].islower()) or (opens and part == "A")
