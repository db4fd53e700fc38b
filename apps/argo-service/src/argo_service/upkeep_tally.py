"""How secrets, keys and settings fare while the service runs."""

from collections import Counter
from typing import assert_never

from attrs import define, field

from argo_core.consensus.opinion import SourceName
from argo_core.events import KeyRefused, Reloaded, SecretsFailed, SecretsRead, UpkeepEvent


@define
class UpkeepTally:
    """`stale` says of each secret that could not be read last time why, in the store's own words.

    `refused` are the vendors that took no value of their key at the last try, and `previous` those
    that take the one before; `reloads` counts by result.
    """

    stale: dict[str, str] = field(factory=dict)
    refused: set[SourceName] = field(factory=set)
    previous: set[SourceName] = field(factory=set)
    reloads: Counter[str] = field(factory=Counter)
    last_reload: Reloaded | None = None

    @property
    def ails(self) -> bool:
        """Whether a secret is an old one for want of a newer, or a vendor takes none."""
        return bool(self.stale or self.refused)

    def notice(self, event: UpkeepEvent) -> None:
        """Take note of what happened."""
        match event:
            case SecretsRead():
                self.stale.clear()
                if event.changed:
                    # With new values nobody has been refused yet.
                    self.refused.clear()
                    self.previous.clear()
            case SecretsFailed():
                self.stale[event.name] = event.problem
            case KeyRefused():
                for names, then in ((self.refused, "none"), (self.previous, "previous")):
                    (names.add if event.then == then else names.discard)(event.source)
            case Reloaded():
                self.reloads[event.result] += 1
                self.last_reload = event
            case _:
                assert_never(event)
