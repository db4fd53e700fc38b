"""One entry of the log, read once and never written again."""

from hashlib import sha256
from types import MappingProxyType

from attrs import field, frozen

from alpine_service.domain.feed.canonical import Members, decode
from alpine_service.domain.feed.contradictions import refuse_contradictions
from alpine_service.domain.feed.shape import shape
from alpine_service.domain.feed.tree import leaf_hash
from alpine_service.errors import Malformed


@frozen(eq=False)
class Entry:
    """An entry at its index: its bytes, and what they say.

    `signal_sha256` names the bytes, and is what `sha256sum` prints; `leaf_hash` is another hash
    of them, the entry's leaf in the log's tree.
    """

    index: int
    data: bytes = field(repr=False)
    members: Members = field(repr=False)
    kind: str
    log: str
    strategy: str
    seq: int
    decided_us: int
    signal_sha256: bytes = field(repr=False)
    leaf_hash: bytes = field(repr=False)

    def text(self, name: str) -> str:
        """A member that is a text by the rules of its kind."""
        value = self.members[name]
        if type(value) is not str:
            raise TypeError(name)
        return value

    def number(self, name: str) -> int:
        """A member that is an integer by the rules of its kind."""
        value = self.members[name]
        if type(value) is not int:
            raise TypeError(name)
        return value


def read_entry(index: int, data: bytes) -> Entry:
    """The entry that the bytes are, checked by all rules that need no other entry.

    Raises:
        Malformed: the bytes are not canonical, or not an entry of a known kind.
    """
    members = decode(data)
    kind = members.get("kind")
    if type(kind) is not str:
        raise Malformed("unknown-kind", "it has no kind")
    known = shape(kind, tuple(members))
    for place, (accepts, value) in enumerate(zip(known.tests, members.values(), strict=True)):
        if not accepts(value):
            name, wants = list(members)[place], known.checks[place].wants
            raise Malformed("bad-member", f"{kind}: {name} is not {wants}")
    refuse_contradictions(kind, members, known.starred)
    return Entry(
        index=index,
        data=data,
        members=MappingProxyType(members),
        kind=kind,
        log=str(members["log"]),
        strategy=str(members["strategy"]),
        seq=int(members["seq"]),
        decided_us=int(members["decided_us"]),
        signal_sha256=sha256(data).digest(),
        leaf_hash=leaf_hash(data),
    )
