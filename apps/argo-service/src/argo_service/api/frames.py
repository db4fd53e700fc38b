"""Server-sent events as bytes: WHATWG HTML, section 9.2, `text/event-stream`."""

from typing import Final

from argo_core.ledger.note import Note
from argo_service.parts import kind_of

MEDIA_TYPE: Final = "text/event-stream"

HELLO: Final = b"retry: 1000\n\n"
"""How long to wait before asking again, milliseconds."""
HEARTBEAT: Final = b": heartbeat\n\n"
"""A comment, so that both ends notice when the other has gone."""


def entry_frame(index: int, data: bytes) -> bytes:
    """An entry's bytes as they are, under its index and kind; canonical bytes are one line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (index, kind_of(data).encode(), data)


def checkpoint_frame(note: Note) -> bytes:
    """A checkpoint, a line of data for each of its lines, the last one empty.

    It has no id, because whoever asks again names the last entry. Joined by line feeds, as every
    reader of such streams does, the lines are the note's bytes.
    """
    lines = b"".join(b"data: %s\n" % line for line in note.encode().split(b"\n"))
    return b"event: checkpoint\n%s\n" % lines
