"""Headers of a webhook by Standard Webhooks 1.0.0, and the secrets that sign them."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import digest

PREFIX = "whsec_"
SECRET_BYTES = 32
# Those of the standard.
_FEWEST_BYTES, _MOST_BYTES = 24, 64


def write_secret(secret: bytes) -> str:
    """A secret as its owner pastes it.

    Raises:
        ValueError: it is not of a length that the standard allows.
    """
    if not _FEWEST_BYTES <= len(secret) <= _MOST_BYTES:
        raise ValueError("a secret has 24 to 64 bytes")
    return PREFIX + b64encode(secret).decode()


def headers_of(
    message_id: str, at_s: int, body: bytes, secrets: Sequence[bytes]
) -> Mapping[str, str]:
    """What a receiver verifies the body by; one signature for each secret, the newest first.

    `at_s` is the time of the attempt, whole seconds since 1970.
    """
    signed = b"%s.%d.%s" % (message_id.encode(), at_s, body)
    signatures = (b64encode(digest(secret, signed, sha256)).decode() for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
