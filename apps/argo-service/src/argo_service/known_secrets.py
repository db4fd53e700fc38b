"""Every secret that the settings hold, to be blanked wherever it turns up."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import attrs

from argo_adapters.http.secrecy import Redactor
from argo_core.resilience.secret import Secret


def secrets_in(tree: object) -> tuple[str, ...]:
    """The values of all secrets in a tree of settings, and the parts that are secret alone.

    An address holds a password, headers hold a token: each may turn up without the rest.
    """
    return tuple(dict.fromkeys(part for secret in _secrets(tree) for part in _parts(secret)))


def hidden_in(tree: object) -> Redactor:
    """What blanks them."""
    return Redactor(secrets_in(tree))


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
