"""Choices in bodies: one of the words, and nothing else."""

import pytest
from attrs import frozen

from alpine_service.api.codec import read_body, write_body
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.errors import InvalidInput


@frozen
class Chosen:
    role: Role
    scopes: tuple[Scope, ...] = ()


def test_a_choice_is_read_as_what_it_is() -> None:
    chosen = read_body(b'{"role": "admin", "scopes": ["stream"]}', Chosen)
    assert chosen.role is Role.ADMIN
    assert chosen.scopes[0] is Scope.STREAM
    assert read_body(write_body(chosen), Chosen) == chosen


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"role": "god"}', "role"),
        (b'{"role": 1}', "role"),
        (b'{"role": null}', "role"),
        (b'{"role": "admin", "scopes": ["everything"]}', "scopes.0"),
        (b'{"role": "admin", "scopes": "stream"}', "scopes"),
    ],
)
def test_what_is_no_choice_is_refused_by_its_place(raw: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_body(raw, Chosen)
    assert refusal.value.field == field
