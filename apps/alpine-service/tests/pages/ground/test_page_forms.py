"""Forms are read as strictly as bodies of the API."""

from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import make_mocked_request
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.errors import InvalidInput
from alpine_service.pages.forms import read_form


@frozen
class Asking:
    name: str
    note: str | None = None
    agreed: bool = False
    kinds: tuple[str, ...] = ()


async def read(body: bytes) -> Asking:
    request = make_mocked_request("POST", "/")
    request._read_bytes = body
    return await read_form(request, Asking)


async def test_a_form_is_a_value() -> None:
    asked = await read(b"name=Ann+Lee&note=&agreed=on&kinds=a&kinds=b")
    assert asked == Asking("Ann Lee", None, True, ("a", "b"))


async def test_what_is_not_sent_is_what_it_is_without() -> None:
    assert await read(b"name=") == Asking("")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "name"),
        (b"name=x&role=admin", "role"),
        (b"name=x&name=y", "name"),
        (b"name=x&agreed=1", "agreed"),
        (b"name=x&agreed=on&agreed=on", "agreed"),
        (b"name=%00", "name"),
        (b"name=%ff", "form"),
        (b"name=\xc3\xa9", "form"),
        (b"name", "form"),
        (b"&".join(b"kinds=%d" % n for n in range(101)), "form"),
    ],
)
async def test_what_no_page_of_ours_sends_is_refused_by_name(body: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await read(body)
    assert refused.value.field == field


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=50))
async def test_whatever_people_type_arrives_as_they_typed_it(text: str) -> None:
    assert (await read(urlencode({"name": text}).encode())).name == text


async def test_a_refusal_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(InvalidInput) as refused:
        await read(b"name=ok&note=hunter2%00")
    assert "hunter2" not in str(refused.value)
