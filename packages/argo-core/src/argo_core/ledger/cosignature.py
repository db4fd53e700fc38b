"""What a witness signs: C2SP tlog-cosignature, `cosignature/v1`.

The message is `cosignature/v1`, a line with the time, then the checkpoint's text. The payload of
the signature line is the time as 8 bytes, big-endian, then the Ed25519 signature.
"""

from attrs import frozen

from argo_core.ledger.decimal_line import LARGEST, check_number
from argo_core.ledger.note import Note, Sign, SignatureLine, Verify
from argo_core.ledger.verifier_key import VerifierKey

_TIME_BYTES = 8
_SIGNATURE_BYTES = 64


@frozen
class Cosignature:
    """A line whose signature was found good: `key` saw the checkpoint at `time_s` since 1970."""

    key: VerifierKey
    time_s: int
    line: SignatureLine


def cosignature_message(text: str, time_s: int) -> bytes:
    """What is signed to say: at that time this was the largest consistent tree I had seen."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def cosign(text: str, time_s: int, key: VerifierKey, sign: Sign) -> SignatureLine:
    """The line by which a witness cosigns a checkpoint's text.

    Raises:
        InvalidInput: the time is before 1970, or cannot be written.
    """
    check_number("time", time_s)
    signature = sign(cosignature_message(text, time_s))
    return SignatureLine(key.name, key.key_id, time_s.to_bytes(_TIME_BYTES, "big") + signature)


def check_cosignature(
    text: str, line: SignatureLine, key: VerifierKey, verify: Verify
) -> Cosignature | None:
    """The cosignature of `key` that a line is, or None if it is not, or not a good one."""
    if not line.is_by(key) or len(line.payload) != _TIME_BYTES + _SIGNATURE_BYTES:
        return None
    time_s = int.from_bytes(line.payload[:_TIME_BYTES], "big")
    if time_s > LARGEST:
        return None
    message = cosignature_message(text, time_s)
    good = verify(key.public_key, message, line.payload[_TIME_BYTES:])
    return Cosignature(key, time_s, line) if good else None


def cosignatures(
    note: Note, keys: tuple[VerifierKey, ...], verify: Verify
) -> tuple[Cosignature, ...]:
    """The good cosignatures of these keys on a note, the earliest of each.

    Lines of unknown keys are ignored, and so are bad lines: what counts is how many are good.
    """
    found: dict[VerifierKey, Cosignature] = {}
    for line in note.signatures:
        for key in keys:
            good = check_cosignature(note.text, line, key, verify)
            if good is not None:
                found[key] = min(found.get(key, good), good, key=lambda one: one.time_s)
    return tuple(found.values())
