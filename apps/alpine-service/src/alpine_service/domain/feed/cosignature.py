"""Cosignatures, after C2SP tlog-cosignature: a witness saw a checkpoint at a time."""

from collections.abc import Iterable

from alpine_service.domain.feed.note import Note, SignatureLine, write_line
from alpine_service.domain.feed.number import LARGEST
from alpine_service.domain.feed.verifier_key import (
    SIGNATURE_BYTES,
    Algorithm,
    VerifierKey,
    Verify,
)

_TIME_BYTES = 8


def cosignature_message(time_s: int, text: str) -> bytes:
    """What a witness signs: that at this time, in seconds since 1970, it saw a note's text."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def cosignature_line(key: VerifierKey, time_s: int, signature: bytes) -> str:
    """The line by which a witness's signature of `cosignature_message` goes into a note."""
    return write_line(key, time_s.to_bytes(_TIME_BYTES) + signature)


def cosigned_at(key: VerifierKey, text: str, line: SignatureLine, verify: Verify) -> int | None:
    """When a witness cosigned a text, in seconds since 1970; None if the line does not say so."""
    if not line.is_by(key) or key.algorithm is not Algorithm.COSIGNATURE:
        return None
    if len(line.signature) != _TIME_BYTES + SIGNATURE_BYTES:
        return None
    time_s = int.from_bytes(line.signature[:_TIME_BYTES])
    signature = line.signature[_TIME_BYTES:]
    if time_s > LARGEST or not verify(key.public_key, cosignature_message(time_s, text), signature):
        return None
    return time_s


def earliest_cosignatures(
    note: Note, witnesses: Iterable[VerifierKey], verify: Verify
) -> dict[VerifierKey, int]:
    """When each of the witnesses first cosigned a note, without those that did not."""
    times: dict[VerifierKey, int] = {}
    for key in witnesses:
        good = [cosigned_at(key, note.text, line, verify) for line in note.by(key)]
        if found := [time_s for time_s in good if time_s is not None]:
            times[key] = min(found)
    return times
