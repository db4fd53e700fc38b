"""What is asked and answered about API keys."""

from datetime import datetime

from attrs import field, frozen

from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.api_key import KeyShown
from alpine_service.services.api_keys import Made


@frozen
class MakingKey:
    """A key to be. A test key has the public data of the free plan, whatever the account's plan."""

    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None
    is_test: bool = False


@frozen
class RotatingKey:
    """The old key works until `old_until`, at most seven days from now; without it, no more."""

    old_until: datetime | None = None
    expires_at: datetime | None = None


@frozen
class KeyBody:
    """A key without its secret. `last_used_at` is true to a minute."""

    id: str
    name: str
    hint: str
    is_test: bool
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None
    last_used_at: datetime | None
    last_address: str | None


@frozen
class KeyList:
    """Keys, the newest first; dead ones for thirty days."""

    keys: tuple[KeyBody, ...]


@frozen
class KeyMade:
    """A new key with its text, which is shown now and never again."""

    text: str = field(repr=False)
    key: KeyBody


def key_body(key: KeyShown) -> KeyBody:
    return KeyBody(
        id=key.id,
        name=key.name,
        hint=key.hint,
        is_test=key.is_test,
        scopes=key.scopes,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        replaced_by=key.replaced_by,
        last_used_at=key.last_used_at,
        last_address=key.last_address,
    )


def key_list(keys: list[KeyShown]) -> KeyList:
    return KeyList(tuple(key_body(each) for each in keys))


def made_body(made: Made) -> KeyMade:
    return KeyMade(made.text, key_body(made.key))
