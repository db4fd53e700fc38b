"""Every secret that is or was in force, to be blanked wherever it turns up."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urlsplit

import attrs
from attrs import frozen

from argo_adapters.http.secrecy import Redactor
from argo_core.ports import Secrets
from argo_core.resilience.secret import Secret, SecretValue

_SHORTEST: Final = 6


class KnownSecrets:
    """What log lines and spans blank: the secrets of the settings, and all that stores gave us.

    Shorter ones than six characters are left out, because they would blank words.
    """

    def __init__(self) -> None:
        self.redactor = Redactor(())

    def keep(self, tree: object) -> None:
        """Know the secrets in a tree of settings for good."""
        self.redactor.keep(_long(secrets_in(tree)))

    def learn(self, tree: object) -> None:
        """Know these as well; of those that came so the last few hundred are remembered."""
        self.redactor.learn(_long(secrets_in(tree)))

    def listening(self, store: Secrets) -> Secrets:
        """The store, of which every value is known before anybody else has it."""
        return _Listening(store, self)


@frozen
class _Listening:
    """The port `Secrets`."""

    store: Secrets
    known: KnownSecrets

    async def read(self, name: str) -> SecretValue:
        """As the port promises."""
        value = await self.store.read(name)
        self.known.learn(value)
        return value


def known_in(tree: object) -> KnownSecrets:
    """The secrets in a tree of settings."""
    known = KnownSecrets()
    known.keep(tree)
    return known


def secrets_in(tree: object) -> tuple[str, ...]:
    """The values of all secrets in a tree of settings, and the parts that are secret alone.

    An address holds a password, headers hold a token: each may turn up without the rest.
    """
    return tuple(dict.fromkeys(part for secret in _secrets(tree) for part in _parts(secret)))


def _long(secrets: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in secrets if len(one) >= _SHORTEST)


def _secrets(tree: object) -> Iterator[str]:
    if isinstance(tree, Secret):
        yield tree.reveal()
    elif attrs.has(kind := type(tree)):
        for attribute in attrs.fields_dict(kind):
            yield from _secrets(getattr(tree, attribute))


def _parts(secret: str) -> Iterator[str]:
    yield secret
    try:
        password = urlsplit(secret).password
    except ValueError:
        password = None
    if password:
        yield password
        yield unquote(password)
    if "=" in secret and "://" not in secret:
        for header in secret.split(","):
            yield from _words(unquote(header.partition("=")[2]).strip())


def _words(value: str) -> Iterator[str]:
    """A header's value, and what is secret of `Bearer abc`."""
    yield value
    _, space, token = value.partition(" ")
    if space:
        yield token.strip()
