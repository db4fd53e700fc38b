"""What a password must be, and the words that a good one is not made of."""

import unicodedata
from collections.abc import Sequence

from attrs import frozen

from alpine_service.errors import InvalidInput

SHORTEST = 8
# Enough for a long sentence; without a bound hashing would be ours to pay and theirs to ask.
LONGEST = 128
# Of zxcvbn's 0 to 4: from here on, guessing at the speed that stolen hashes allow takes too long.
LEAST_SCORE = 3
# Words that whoever attacks this service tries first (ASVS 6.1.2); the asker's address joins them.
OUR_WORDS = (
    "alpine",
    "analytics",
    "signal",
    "signals",
    "trading",
    "subscriber",
    "support",
    "admin",
)


@frozen
class Judgement:
    """`score` is zxcvbn's; `is_known` says that it is on a list of passwords that were stolen."""

    score: int
    is_known: bool


def normal(password: str) -> str:
    """The one form of letters that can be written in several ways (NFC); nothing else changes.

    One keyboard sends an é as one character, another as two: it is the same password.
    """
    return unicodedata.normalize("NFC", password)


def new_password(text: str, where: str = "password") -> str:
    """The text in its normal form; any characters will do, none are asked for.

    Raises:
        InvalidInput: it is too short or too long.
    """
    # Normalising lengthens a text at most threefold and shortens it at most so, and takes time.
    if len(text) > 3 * LONGEST:
        raise InvalidInput(where, f"it has more than {LONGEST} characters", "give a shorter one")
    password = normal(text)
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(
            where,
            f"it has fewer than {SHORTEST} or more than {LONGEST} characters",
            "a few words that belong together only to you make a good one",
        )
    if not _is_text(password):
        raise InvalidInput(where, "it is not text", "give another one")
    return password


def can_be_password(text: str) -> bool:
    """Whether it could have been accepted once; if not, it is wrong without any hashing."""
    return len(text) <= 3 * LONGEST and len(normal(text)) <= LONGEST and _is_text(text)


def words_about(email: str) -> Sequence[str]:
    """What guesses about the owner of that address begin with."""
    local, _, domain = email.casefold().rpartition("@")
    return (email.casefold(), local, domain, *domain.split("."), *OUR_WORDS)


def refuse_guessable(judgement: Judgement, where: str = "password") -> None:
    """Raise if it would be guessed.

    Raises:
        InvalidInput: it is known or too easily found.
    """
    if judgement.is_known:
        raise InvalidInput(where, "it is on lists of stolen passwords", "choose another one")
    if judgement.score < LEAST_SCORE:
        raise InvalidInput(where, "it is easily guessed", "add another word or two")


def _is_text(password: str) -> bool:
    # Half of a pair of surrogates can be written in JSON, and means nothing.
    return not any("\ud800" <= character <= "\udfff" for character in password)
