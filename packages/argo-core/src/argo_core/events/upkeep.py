"""Secrets, keys and settings that change while everything runs."""

from datetime import datetime

from attrs import frozen

from argo_core.consensus.opinion import SourceName


@frozen
class SecretsRead:
    """So many secrets were read; the values of those in `changed` are others than before."""

    at: datetime
    names: int
    changed: tuple[str, ...] = ()


@frozen
class SecretsFailed:
    """A secret was not read, and its last value stays; `error` is the class in the error tree."""

    at: datetime
    name: str
    error: str
    problem: str


@frozen
class KeyRefused:
    """A vendor refused a key; `then` it is shown the `current` value, the `previous` or `none`."""

    source: SourceName
    at: datetime
    then: str


@frozen
class Reloaded:
    """The configuration was read again: `applied`, `unchanged` or `refused`, and why.

    `changed` are the keys of the settings that are others now, or would have been.
    """

    at: datetime
    result: str
    changed: tuple[str, ...] = ()
    problem: str = ""


UpkeepEvent = SecretsRead | SecretsFailed | KeyRefused | Reloaded
