"""What staff's forms send, and what it means."""

import re
from enum import StrEnum
from typing import TypeVar

from attrs import field, frozen

from alpine_service.errors import InvalidInput

E = TypeVar("E", bound=StrEnum)
_MOST_DIGITS = 6
# What the trail is asked by: ids and names of deeds. No address is one, and so none gets into a
# path, where proxies write it down.
_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@frozen
class SearchingPeople:
    """Accounts whose address has `text` in it, or whose id it is; a form, to be in no path."""

    text: str | None = field(default=None, repr=False)
    role: str | None = None
    cursor: str | None = None


@frozen
class ChangingRole:
    """The role that the account is to have."""

    role: str


@frozen
class RecordingPayment:
    """What happened outside; which fields have to be there depends on the kind."""

    kind: str
    reference: str
    plan: str | None = None
    days: str | None = None
    refunds: str | None = None


@frozen
class Resolving:
    """A refusal is closed by somebody who says that they know what they do."""

    sure: bool = False


@frozen
class AskingTrail:
    """Which deeds."""

    actor: str | None = None
    deed: str | None = None
    subject: str | None = None


def chosen(name: str, text: str | None, kind: type[E]) -> E | None:
    """One of the words of an enumeration.

    Raises:
        InvalidInput: it is none of them.
    """
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        raise InvalidInput(name, "there is no such choice", "use the form as it is") from None


def whole_number(name: str, text: str | None) -> int | None:
    """Raises InvalidInput if it is no whole number of a few digits."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS:
        raise InvalidInput(name, "it is no such number", "give a whole number")
    return int(text)


def trail_query(asked: AskingTrail) -> str:
    """The same as a query, which may be in a path.

    Raises:
        InvalidInput: a word is neither an id nor the name of a deed.
    """
    words = {"actor": asked.actor, "deed": asked.deed, "subject": asked.subject}
    for name, word in words.items():
        if word is not None and not _WORD.fullmatch(word):
            raise InvalidInput(name, "it is no id and no name of a deed", "copy one from a page")
    return "&".join(f"{name}={word}" for name, word in words.items() if word is not None)
