"""Bodies of commits before their reveal, as the log's server answers them."""

from typing import Any

import orjson
from attrs import field, frozen

from alpine_service.domain.feed import base64_strict
from alpine_service.domain.feed.canonical import LARGEST_INTEGER
from alpine_service.domain.feed.commitment import NONCE_BYTES
from alpine_service.errors import Malformed


@frozen
class Body:
    """What is said to open the commit at an index; nothing is checked yet."""

    index: int
    nonce: bytes = field(repr=False)
    body: bytes = field(repr=False)


@frozen
class Bodies:
    """A page of bodies, and the index to ask from next."""

    bodies: tuple[Body, ...]
    next: int


def read_bodies(data: bytes) -> Bodies:
    """The page that the bytes are. Members that the protocol does not name are ignored.

    Raises:
        Malformed: they are none.
    """
    try:
        page = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _malformed("it is not JSON") from error
    if type(page) is not dict or type(page.get("bodies")) is not list:
        raise _malformed("it has no list of bodies")
    return Bodies(tuple(_read_body(each) for each in page["bodies"]), _index(page, "next"))


def _read_body(body: Any) -> Body:
    if type(body) is not dict:
        raise _malformed("a body is no object")
    nonce = base64_strict.decode(_text(body, "nonce"), size=NONCE_BYTES)
    return Body(_index(body, "index"), nonce, base64_strict.decode(_text(body, "body")))


def _index(members: dict[str, Any], name: str) -> int:
    value = members.get(name)
    if type(value) is not int or not 0 <= value <= LARGEST_INTEGER:
        raise _malformed(f"{name} is no index")
    return value


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    if type(value) is not str:
        raise _malformed(f"{name} is no text")
    return value


def _malformed(problem: str) -> Malformed:
    return Malformed("bad-bodies", problem)
