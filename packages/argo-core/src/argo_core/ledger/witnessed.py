"""A checkpoint as a reader takes it: signed by the log, and by enough of the witnesses it pins."""

from datetime import UTC, datetime

from attrs import frozen

from argo_core.errors import InvalidInput, Refuted, Unchecked
from argo_core.ledger.checkpoint import Checkpoint, open_checkpoint
from argo_core.ledger.cosignature import Cosignature, check_cosignature
from argo_core.ledger.note import Note, Verify
from argo_core.ledger.policy import Policy
from argo_core.market.moment import to_micros

SLACK_S = 300
"""So far may a witness's clock, or the reader's own, be from the other before it is doubted."""

_MICRO = 1_000_000


@frozen
class Witnessed:
    """A checkpoint whose signatures are good: `cosignatures`, earliest first, one a witness.

    `ahead` are good cosignatures too, whose time lies in the reader's future and counts for
    nothing.
    """

    checkpoint: Checkpoint
    note: Note
    policy: Policy
    cosignatures: tuple[Cosignature, ...]
    ahead: tuple[Cosignature, ...] = ()

    @property
    def official_s(self) -> int | None:
        """When a witness first vouched for it, seconds since 1970; None if none did."""
        return self.cosignatures[0].time_s if self.cosignatures else None

    def proved(self) -> tuple[str, ...]:
        """What the signatures show."""
        size, key = self.checkpoint.size, self.policy.log
        return (
            f"{key.name} signed the checkpoint of {size} entries with key {key.key_id.hex()}.",
            *(
                f"{one.key.name} cosigned it at {clock(one.time_s)}, and knew no other history."
                for one in self.cosignatures
            ),
        )

    def unproved(self) -> tuple[str, ...]:
        """What they leave open."""
        alone = (
            "That all are shown this same history, and since when: no witness you pinned cosigned"
            " it."
        )
        return () if self.cosignatures else (alone,)


def open_witnessed(data: bytes, policy: Policy, verify: Verify, now: datetime) -> Witnessed:
    """The checkpoint in a note that meets the policy.

    Raises:
        Refuted: it is malformed, of another log, the log's key did not sign it, or a line says to
            be a pinned witness's and is not.
        Unchecked: too few of the witnesses have cosigned it by `now`.
    """
    try:
        checkpoint, note = open_checkpoint(data, policy.log, verify)
    except InvalidInput as error:
        raise Refuted(f"the checkpoint is not to be trusted: {error}") from error
    good = [_cosignature(note, index, policy, verify) for index in range(len(note.signatures))]
    latest = to_micros(now) // _MICRO + SLACK_S
    earliest: dict[bytes, Cosignature] = {}
    ahead: list[Cosignature] = []
    for one in sorted(filter(None, good), key=lambda one: one.time_s):
        if one.time_s > latest:
            ahead.append(one)
        else:
            earliest.setdefault(one.key.public_key, one)
    witnessed = Witnessed(checkpoint, note, policy, tuple(earliest.values()), tuple(ahead))
    if not policy.is_met(witnessed.cosignatures):
        raise Unchecked(_lacking(witnessed, now))
    return witnessed


def clock(time_s: int) -> str:
    """A time in seconds since 1970 that is not far in the future, for people."""
    return f"{datetime.fromtimestamp(time_s, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _cosignature(note: Note, index: int, policy: Policy, verify: Verify) -> Cosignature | None:
    """What the line at `index` is, or None if it says to be nobody's whom the policy knows."""
    line = note.signatures[index]
    keys = [key for key in policy.keys if line.is_by(key)]
    found = [check_cosignature(note.text, line, key, verify) for key in keys]
    if keys and not any(found):
        # Like a bad line of the log's own: it was put there to be taken for good.
        raise Refuted(f"the checkpoint has a cosignature in the name of {line.name}, and it is bad")
    return next(filter(None, found), None)


def _lacking(witnessed: Witnessed, now: datetime) -> str:
    quorum, count = witnessed.policy.quorum, len(witnessed.cosignatures)
    said = f"{count} of the {quorum} witnesses needed cosigned the checkpoint"
    said += f" of {witnessed.checkpoint.size} entries; ask for it again later"
    if witnessed.ahead:
        said += f"; {len(witnessed.ahead)} more did so after {now:%Y-%m-%d %H:%M:%S} UTC, which is"
        said += " now: a clock is wrong, theirs or yours"
    return said
