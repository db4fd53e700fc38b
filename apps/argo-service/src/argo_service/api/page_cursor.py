"""Pages through what is newest first, by a cursor that is good for the same question only."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from argo_core.errors import InvalidInput

One = TypeVar("One")


def page_of(
    newest_first: Iterable[tuple[str, One]], limit: int, cursor: str | None, question: str
) -> tuple[tuple[One, ...], str | None]:
    """The first `limit` after the one that the cursor names, and the cursor of the next page.

    Each is given with a name of its own. Where the one named is there no more, the newest come.

    Raises:
        InvalidInput: the cursor is not one of ours, or belongs to another question.
    """
    every = list(newest_first)
    if cursor is not None:
        last = _read(cursor, question)
        names = [name for name, _ in every]
        every = every[names.index(last) + 1 :] if last in names else every
    found = list(islice(every, limit))
    more = len(every) > limit
    return tuple(one for _, one in found), _write(found[-1][0], question) if more else None


def _write(name: str, question: str) -> str:
    text = json.dumps([name, _digest(question)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, question: str) -> str:
    fix = "use the text of `next` from the page before, unchanged"
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        name, digest = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        ours = isinstance(name, str) and isinstance(digest, str)
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidInput("cursor", f"{cursor[:40]!r} is not a cursor", fix) from error
    if not ours:
        raise InvalidInput("cursor", f"{cursor[:40]!r} is not a cursor", fix)
    if digest != _digest(question):
        fix = "keep the filters of the first page, or leave the cursor out"
        raise InvalidInput("cursor", "it belongs to other filters", fix)
    return str(name)


def _digest(question: str) -> str:
    # The page size may change from page to page, what is asked may not.
    return hashlib.sha256(question.encode()).hexdigest()[:12]
