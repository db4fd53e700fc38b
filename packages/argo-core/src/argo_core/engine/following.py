"""What another process has published, as the log shows it to one that stands by."""

from collections.abc import Iterable

from argo_core.engine.gathering import Gathering
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.note import Note, Verify
from argo_core.ledger.policy import Policy


class Following:
    """A checkpoint counts as published once it has its quorum, or has been seen for `patience_s`.

    The publisher waits for witnesses just as long, and nobody is to see an entry before they might
    have.
    """

    def __init__(self, policy: Policy, verify: Verify, patience_s: float) -> None:
        self._policy = policy
        self._verify = verify
        self._patience_s = patience_s
        self._heads: dict[int, Gathering] = {}

    def look(self, notes: Iterable[Note | None], now: float) -> Gathering | None:
        """The newest that counts, given what the log has at that monotonic moment."""
        for note in notes:
            if note is not None:
                size = parse_checkpoint(note.text).size
                before = self._heads.get(size)
                since = now if before is None else before.since
                self._heads[size] = Gathering(note, self._policy, self._verify, since)
        due = [size for size, head in self._heads.items() if self._counts(head, now)]
        if not due:
            return None
        newest = max(due)
        self._heads = {size: head for size, head in self._heads.items() if size >= newest}
        return self._heads[newest]

    def _counts(self, head: Gathering, now: float) -> bool:
        return not head.pending or now >= head.since + self._patience_s
