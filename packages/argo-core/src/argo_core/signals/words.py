"""A text as its words: split at blanks, freed of the punctuation around them."""

import re

from attrs import frozen

_BEFORE = "(\"'"
_AFTER = ".,;:!?)\"'"
_ENDS = ".!?"
_OPENS = ".!?:;"
_POSSESSIVE = re.compile(r"(?<=[A-Za-z])'s$")


@frozen
class Word:
    """What stood between two blanks: `bare` without its punctuation.

    `opens` where a capital belongs, `closed` by punctuation before the next word; `sentence` is the
    number of its sentence, and a colon or a semicolon begins no new one.
    """

    bare: str
    opens: bool
    closed: bool
    sentence: int

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of a compound, in lower case."""
        return tuple(part.lower() for part in self.bare.split("-") if part)


def words(text: str) -> list[Word]:
    """The words of a line; punctuation that stands alone is part of none but ends sentences."""
    found: list[Word] = []
    sentence, opens = 0, True
    for chunk in text.split():
        start = chunk.lstrip(_BEFORE)
        bare = start.rstrip(_AFTER)
        tail = start[len(bare) :]
        if bare:
            found.append(Word(_POSSESSIVE.sub("", bare), opens, bool(tail), sentence))
            opens = False
        sentence += any(mark in tail for mark in _ENDS)
        opens |= any(mark in tail for mark in _OPENS)
    return found
