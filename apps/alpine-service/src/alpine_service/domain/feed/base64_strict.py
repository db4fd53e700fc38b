"""Base64 with one spelling for each value."""

from base64 import b64decode, b64encode
from binascii import Error

from alpine_service.errors import Malformed


def encode(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def decode(text: str, *, size: int | None = None) -> bytes:
    """The bytes that the text stands for, `size` of them if it is given.

    Raises:
        Malformed: the text is not what `encode` writes, as with spare bits or without padding.
    """
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except (Error, UnicodeEncodeError) as error:
        raise Malformed("bad-base64", "it is not base64") from error
    if encode(data) != text:
        raise Malformed("bad-base64", "it is base64 in another spelling")
    if size is not None and len(data) != size:
        raise Malformed("bad-base64", f"it has {len(data)} bytes instead of {size}")
    return data
