"""Ways for a log to lie, each by name, told by a `SmallLog` that was honest until then."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from attrs import evolve, frozen

from alpine_service.adapters.secrets.ed25519 import make_signer
from alpine_service.domain.feed.canonical import decode, encode
from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.note import write_line
from alpine_service.domain.feed.tile import Bundle, read_bundle, read_path, write_bundle
from alpine_service.domain.feed.tree import HASH_BYTES
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.testing.log_server import Handler
from alpine_service.testing.members import (
    correct_members,
    outcome_members,
    quiet_members,
    signal_members,
    strategy_members,
)
from alpine_service.testing.small_log import SmallLog

STRANGER_SEED = b"\x66" * 32


@frozen
class Lie:
    """What a log does from now on, and the reasons for which a reader may refuse it."""

    name: str
    tell: Callable[[SmallLog], None]
    reasons: frozenset[str]
    in_entries: bool = False
    """Whether it is told in the entries, under good signatures, hashes and proofs."""


def grow(log: SmallLog) -> None:
    """An honest entry more, with everything that belongs to it, but not asking any witness."""
    log.add(signal_members(f"after-{log.record.size}"))
    _show(log)


def forged_signature(log: SmallLog) -> None:
    """Another key signs under the name and the id of the log's."""
    stranger = make_signer(log.name, STRANGER_SEED, Algorithm.CHECKPOINT)
    log.add(signal_members("forged"))
    text = Head(log.name, log.record.size, log.record.root(log.record.size)).text()
    line = write_line(log.key, stranger.sign(text.encode()))
    log.show(log.record.size, f"{text}\n{line}".encode())


def stranger_signature(log: SmallLog) -> None:
    """Another key signs, under the log's name and its own id."""
    stranger = make_signer(log.name, STRANGER_SEED, Algorithm.CHECKPOINT)
    log.add(signal_members("strange"))
    text = Head(log.name, log.record.size, log.record.root(log.record.size)).text()
    line = write_line(stranger.verifier_key, stranger.sign(text.encode()))
    log.show(log.record.size, f"{text}\n{line}".encode())


def another_logs_checkpoint(log: SmallLog) -> None:
    """The checkpoint of another log, properly signed by that."""
    other = SmallLog(name="other.example/log", seed=STRANGER_SEED)
    other.record.rewrite(log.entries)
    log.show(log.record.size, other.sign(other.record.size))


def altered_entry(log: SmallLog) -> None:
    """An entry is served with other bytes than those that the tree is over."""
    entry = log.add(signal_members("altered"))
    log.entries[entry.index] = encode({**entry.members, "reasoning": "It was never so."})
    _show(log)


def cut_entry(log: SmallLog) -> None:
    """An entry is served without its last byte."""
    entry = log.add(signal_members("cut"))
    log.entries[entry.index] = entry.data[:-1]
    _show(log)


def forked_history(log: SmallLog) -> None:
    """The first entry is another one, and everything after it is hashed and signed anew."""
    first = {**decode(log.entries[0]), "decided_us": 1}
    log.record.rewrite([encode(first), *log.entries[1:]])
    grow(log)


def forked_head(log: SmallLog) -> None:
    """The last published entry is another one, in a tree of the same size."""
    last = log.size - 1
    changed = {**decode(log.entries[last]), "decided_us": 1}
    log.record.rewrite([*log.entries[:last], encode(changed)])
    _show(log)


def removed_entry(log: SmallLog) -> None:
    """An entry is gone, and those after it moved up, and two new ones make up for it."""
    log.record.rewrite([*log.entries[:1], *log.entries[2:]])
    log.add(signal_members("one"))
    grow(log)


def rolled_back(log: SmallLog) -> None:
    """An older checkpoint, which was true at its time."""
    log.show(log.size - 1, log.sign(log.size - 1))


def wrong_root(log: SmallLog) -> None:
    """The log signs a root that no entries have."""
    log.add(signal_members("rootless"))
    log.show(log.record.size, log.sign(log.record.size, root=b"\x5a" * HASH_BYTES))


def reordered_entries(log: SmallLog) -> None:
    """Bundles have their entries in the wrong order."""
    log.add(signal_members("second to last"))
    grow(log)
    log.server.tricks["/tile/entries"] = _rebundled(lambda entries: entries[::-1])


def replayed_entry(log: SmallLog) -> None:
    """In the place of a bundle's last entry comes the one before it again."""
    grow(log)
    log.server.tricks["/tile/entries"] = _rebundled(lambda entries: [*entries[:-1], entries[-2]])


def reordered_tiles(log: SmallLog) -> None:
    """Tiles have their hashes in the wrong order; bundles are honest."""
    grow(log)
    for level in range(2):
        log.server.tricks[f"/tile/{level}/"] = _backwards


def gap_in_sequence(log: SmallLog) -> None:
    """A strategy's number is left out: something was said and is not in the log."""
    entry = log.add(signal_members("before the gap"))
    log.add(signal_members("after the gap"), seq=entry.seq + 2)
    _show(log)


def repeated_number(log: SmallLog) -> None:
    """Two entries of a strategy have the same number."""
    entry = log.add(signal_members("first"))
    log.add(signal_members("second"), seq=entry.seq)
    _show(log)


def reused_id(log: SmallLog) -> None:
    """A second signal has the id of the first, and says the contrary."""
    log.add(signal_members("twice", direction="BUY"))
    log.add(signal_members("twice", direction="SELL"))
    _show(log)


def another_logs_entry(log: SmallLog) -> None:
    """An entry bears another log's name."""
    log.add(signal_members("foreign"), log="other.example/log")
    _show(log)


def unknown_kind(log: SmallLog) -> None:
    """An entry is of a kind that nobody has heard of."""
    _replace_last(log, encode({**log.add(signal_members("unknown")).members, "kind": "advice"}))


def unknown_member(log: SmallLog) -> None:
    """A signal says more than signals have to say."""
    _replace_last(log, encode({**log.add(signal_members("more")).members, "mood": "good"}))


def not_canonical(log: SmallLog) -> None:
    """An entry is written with a space that says nothing."""
    _replace_last(log, log.add(signal_members("spaced")).data.replace(b'":', b'": ', 1))


def unequal_shares(log: SmallLog) -> None:
    """The contributions of a signal do not add up to its confidence."""
    _replace_last(log, encode({**log.add(signal_members("sum")).members, "confidence_bp": 7999}))


def commit_of_open(log: SmallLog) -> None:
    """A strategy that was registered as open hides a signal."""
    log.add(strategy_members("open"))
    log.record.commit(signal_members("hidden"))
    _show(log)


def reveal_of_nothing(log: SmallLog) -> None:
    """A reveal names an entry that is no commit."""
    log.add(strategy_members("delayed"), "sealed")
    commit = log.record.commit(signal_members("sealed"), "sealed")
    log.record.reveal(commit.index, commit_index=commit.index - 1)
    _show(log)


def second_outcome(log: SmallLog) -> None:
    """A signal has a bad outcome first, and then a better one."""
    signal = log.add(signal_members("judged"))
    log.add(outcome_members(signal.index, signal.members, "stop", return_bp=-105))
    log.add(outcome_members(signal.index, signal.members, "target"))
    _show(log)


def outcome_of_another(log: SmallLog) -> None:
    """The outcome of a signal is told of another one."""
    signal = log.add(signal_members("judged"))
    log.add(outcome_members(signal.index, signal_members("another")))
    _show(log)


def correction_to_come(log: SmallLog) -> None:
    """An entry corrects one that does not exist yet."""
    log.add(correct_members(log.record.size + 7))
    _show(log)


def backward_silence(log: SmallLog) -> None:
    """A quiet stretch ends before it begins."""
    members = log.add(quiet_members(1, 2)).members
    _replace_last(log, encode({**members, "from_us": 3}))


_ENTRY_LIES: Mapping[Callable[[SmallLog], None], tuple[str, ...]] = {
    gap_in_sequence: ("bad-sequence",),
    repeated_number: ("bad-sequence",),
    reused_id: ("reused-id",),
    another_logs_entry: ("another-log",),
    unknown_kind: ("unknown-kind",),
    unknown_member: ("unknown-member",),
    not_canonical: ("not-canonical",),
    unequal_shares: ("contradiction",),
    commit_of_open: ("bad-disclosure",),
    reveal_of_nothing: ("bad-reveal",),
    second_outcome: ("bad-outcome",),
    outcome_of_another: ("bad-outcome",),
    correction_to_come: ("bad-reference",),
    backward_silence: ("contradiction",),
}

_HEAD_LIES: Mapping[Callable[[SmallLog], None], tuple[str, ...]] = {
    forged_signature: ("bad-signature",),
    stranger_signature: ("unsigned",),
    another_logs_checkpoint: ("another-log",),
    # Which of these a reader notices first depends on whether it has the old entries' hashes.
    forked_history: ("bad-consistency", "wrong-root"),
    forked_head: ("bad-consistency", "wrong-root"),
    removed_entry: ("bad-consistency", "wrong-root"),
    rolled_back: ("bad-consistency",),
    wrong_root: ("wrong-root", "bad-consistency"),
    # Entries that are not those of the tree may be refused for what they are, too.
    altered_entry: ("wrong-root",),
    cut_entry: ("wrong-root", "not-canonical"),
    reordered_entries: ("wrong-root", "bad-sequence"),
    replayed_entry: ("wrong-root", "bad-sequence", "reused-id"),
    reordered_tiles: ("wrong-root", "bad-consistency"),
}

LIES: Mapping[str, Lie] = {
    tell.__name__: Lie(tell.__name__, tell, frozenset(reasons), in_entries)
    for in_entries, lies in ((False, _HEAD_LIES), (True, _ENTRY_LIES))
    for tell, reasons in lies.items()
}
"""By name. Every one needs a log of at least four published entries of the strategy `alpha`."""


def false_body(log: SmallLog, index: int) -> None:
    """The body of a commit is told early, and is another one than the log committed to."""
    sealed = log.record.sealed[index]
    body = encode({**decode(sealed.body), "reasoning": "It was never so."})
    log.record.sealed[index] = evolve(sealed, body=body)


def false_nonce(log: SmallLog, index: int) -> None:
    """The body of a commit is told early, with a nonce that does not open it."""
    sealed = log.record.sealed[index]
    log.record.sealed[index] = evolve(sealed, nonce=bytes(len(sealed.nonce)))


def _replace_last(log: SmallLog, data: bytes) -> None:
    """Put bytes in the place of the entry that was added last, and publish them."""
    log.record.rewrite([*log.entries[:-1], data])
    _show(log)


def _show(log: SmallLog) -> None:
    log.show(log.record.size, log.sign(log.record.size))


def _rebundled(
    change: Callable[[list[bytes]], list[bytes]],
) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request, honest: Handler) -> web.StreamResponse:
        response = await honest(request)
        named = read_path(request.path.removeprefix("/"))
        if (
            isinstance(response, web.Response)
            and isinstance(response.body, bytes)
            and isinstance(named, Bundle)
            and response.status == web.HTTPOk.status_code
        ):
            response.body = write_bundle(change(list(read_bundle(named, response.body))))
        return response

    return answer


async def _backwards(request: web.Request, honest: Handler) -> web.StreamResponse:
    response = await honest(request)
    if isinstance(response, web.Response) and isinstance(response.body, bytes):
        body = response.body
        hashes = [body[at : at + HASH_BYTES] for at in range(0, len(body), HASH_BYTES)]
        response.body = b"".join(reversed(hashes))
    return response
