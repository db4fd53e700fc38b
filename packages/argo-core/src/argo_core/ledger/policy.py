"""Whom a reader trusts: the log's key, the witnesses' keys, and how many of them must agree."""

from collections.abc import Iterable

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.cosignature import Cosignature
from argo_core.ledger.note import MAX_SIGNATURES
from argo_core.ledger.verifier_key import COSIGNATURE, ED25519, VerifierKey

MAX_WITNESSES = MAX_SIGNATURES - 1
"""They sign under the log, which has signed already."""


@frozen
class WitnessKey:
    """A witness's cosigning key, and where it is asked; readers need no address."""

    key: VerifierKey
    url: str | None = None


@frozen
class Policy:
    """`quorum` of the `witnesses` must have cosigned; zero trusts the log alone."""

    log: VerifierKey
    witnesses: tuple[WitnessKey, ...] = ()
    quorum: int = 0

    def __attrs_post_init__(self) -> None:
        if self.log.algorithm != ED25519:
            raise InvalidInput(
                "log", "it is a witness's key", "give the key that signs checkpoints"
            )
        keys = self.keys
        if len(keys) > MAX_WITNESSES:
            problem = f"{len(keys)} witnesses"
            raise InvalidInput("witness", problem, f"name {MAX_WITNESSES} at most")
        if any(key.algorithm != COSIGNATURE for key in keys):
            problem = "it is a key that signs checkpoints"
            raise InvalidInput("witness", problem, "give the key that a witness cosigns with")
        # One key under two names is one witness, and a log that is its own witness has none.
        if len({self.log.public_key, *(key.public_key for key in keys)}) <= len(keys):
            problem = "a key is there twice, or is the log's own"
            raise InvalidInput("witness", problem, "name each witness once, by a key of its own")
        if not 0 <= self.quorum <= len(keys):
            problem = f"{self.quorum} of {len(keys)} witnesses"
            raise InvalidInput("quorum", problem, "ask for no more than there are")

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The witnesses' keys."""
        return tuple(one.key for one in self.witnesses)

    def is_met(self, cosignatures: Iterable[Cosignature]) -> bool:
        """Whether enough of the witnesses are among these good cosignatures."""
        return len({one.key for one in cosignatures} & set(self.keys)) >= self.quorum
