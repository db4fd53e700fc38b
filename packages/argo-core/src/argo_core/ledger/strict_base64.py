"""Standard base64 with one spelling for each value: RFC 4648, section 4, padded, no spare bits."""

from base64 import b64decode, b64encode
from binascii import Error

from argo_core.errors import InvalidInput


def write_base64(data: bytes) -> str:
    """`data` in base64."""
    return b64encode(data).decode("ascii")


def read_base64(name: str, text: str) -> bytes:
    """The bytes that `text` spells; `name` is what an error calls it.

    Raises:
        InvalidInput: it is not base64, or not as `write_base64` would spell it.
    """
    try:
        data = b64decode(text, validate=True)
    except (Error, ValueError) as error:
        raise InvalidInput(name, "it is not base64", "send padded standard base64") from error
    # Decoders ignore the bits that padding leaves over, so that one value had many spellings.
    if write_base64(data) != text:
        raise InvalidInput(name, "its base64 has spare bits", "encode the bytes again")
    return data
