"""Objects and lists in bodies."""

import pytest
from attrs import frozen

from alpine_service.api.codec import read_body
from alpine_service.errors import InvalidInput


@frozen
class Inner:
    names: tuple[str, ...] = ()


@frozen
class Body:
    names: tuple[str, ...] = ()
    kinds: frozenset[str] | None = None
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    word: str | None = None


def test_what_is_there_may_be_absent_empty_or_whole() -> None:
    assert read_body(b"{}", Body) == Body()
    assert read_body(b'{"kinds":null,"inner":null,"word":null}', Body) == Body()
    whole = b'{"names":["a"],"kinds":[],"inner":{"names":["b"]},"many":[{}],"word":"c"}'
    assert read_body(whole, Body) == Body(("a",), frozenset(), Inner(("b",)), (Inner(),), "c")


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"[]", "body"),
        (b'"names"', "body"),
        (b"null", "body"),
        (b"7", "body"),
        (b'{"names":"AAPL"}', "names"),
        (b'{"names":{"a":1}}', "names"),
        (b'{"names":null}', "names"),
        (b'{"kinds":"AAPL"}', "kinds"),
        (b'{"kinds":{"a":1}}', "kinds"),
        (b'{"inner":[]}', "inner"),
        (b'{"inner":{"names":"b"}}', "inner.names"),
        (b'{"many":{"names":[]}}', "many"),
        (b'{"many":[{},{"names":"b"}]}', "many.1.names"),
        (b'{"many":[[]]}', "many.0"),
    ],
)
def test_another_shape_is_refused_by_its_place(raw: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_body(raw, Body)

    assert refused.value.field == field
