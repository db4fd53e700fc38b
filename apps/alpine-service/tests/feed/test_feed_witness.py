"""What a witness answers: a model drives it with histories that fork, and it is never fooled."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, make_signer, verify_ed25519
from alpine_service.domain.feed.add_checkpoint import (
    LARGEST_REQUEST,
    Consent,
    Reason,
    Refusal,
    Standing,
    asked_log,
    consider,
    read_add_checkpoint,
    write_add_checkpoint,
)
from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.note import write_line
from alpine_service.domain.feed.tree import EMPTY_ROOT
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.errors import Malformed
from alpine_service.testing.small_record import SmallRecord

NAME = "publisher.example/log"
LOG = make_signer(NAME, b"\x01" * 32, Algorithm.CHECKPOINT)
STRANGER = make_signer(NAME, b"\x02" * 32, Algorithm.CHECKPOINT)
STATUS = {
    Reason.MALFORMED: 400,
    Reason.UNKNOWN_LOG: 404,
    Reason.BAD_SIGNATURE: 403,
    Reason.OLD_ABOVE_SIZE: 400,
    Reason.STANDS_ELSEWHERE: 409,
    Reason.FORKED: 409,
    Reason.BAD_CONSISTENCY: 422,
}


def checkpoint(head: Head, signer: Ed25519Signer = LOG) -> bytes:
    line = write_line(signer.verifier_key, signer.sign(head.text().encode()))
    return f"{head.text()}\n{line}".encode()


def known(size: int = 0, root: bytes = EMPTY_ROOT) -> dict[str, Standing]:
    return {NAME: Standing(LOG.verifier_key, size, root)}


class Witnessing(RuleBasedStateMachine):
    """Two histories of one log, and the witness that must end up with one of them only."""

    def __init__(self) -> None:
        super().__init__()
        self.histories: list[list[bytes]] = [[], []]
        self.standing = known()
        self.cosigned: list[bytes] = []

    @rule(which=st.integers(0, 1), entry=st.sampled_from([b"a", b"b"]))
    def write(self, which: int, entry: bytes) -> None:
        self.histories[which].append(entry)

    @rule(which=st.integers(0, 1))
    def copy(self, which: int) -> None:
        self.histories[which] = list(self.histories[1 - which])

    @rule(
        which=st.integers(0, 1),
        size=st.integers(0, 8),
        old=st.integers(0, 8),
        is_where_it_stands=st.booleans(),
        is_forged=st.sampled_from([False, False, False, True]),
    )
    def ask(
        self, which: int, size: int, old: int, is_where_it_stands: bool, is_forged: bool
    ) -> None:
        history = self.histories[which]
        size = min(size, len(history))
        stands = self.standing[NAME].size
        old = stands if is_where_it_stands else old
        record = SmallRecord(NAME)
        record.rewrite(history)
        head = Head(NAME, size, record.root(size))
        proof = record.consistency(old, size) if old <= size else ()
        note = checkpoint(head, STRANGER if is_forged else LOG)
        answer = consider(write_add_checkpoint(old, proof, note), self.standing, verify_ed25519)
        expected = self._expected(history[:size], old, is_forged)
        assert answer.reason is expected
        if isinstance(answer, Consent):
            assert answer.head == head
            self.cosigned = history[:size]
            self.standing = known(size, head.root)
        else:
            assert answer.status == STATUS[expected]
            assert (answer.body == f"{stands}\n") == (expected is Reason.STANDS_ELSEWHERE)

    def _expected(self, history: list[bytes], old: int, is_forged: bool) -> Reason:
        if is_forged:
            return Reason.BAD_SIGNATURE
        if old > len(history):
            return Reason.OLD_ABOVE_SIZE
        if old != len(self.cosigned):
            return Reason.STANDS_ELSEWHERE
        if history[:old] == self.cosigned:
            return Reason.COSIGN
        return Reason.FORKED if old == len(history) else Reason.BAD_CONSISTENCY

    @precondition(lambda self: self.cosigned)
    @invariant()
    def it_stands_on_what_it_cosigned(self) -> None:
        record = SmallRecord(NAME)
        record.rewrite(self.cosigned)
        standing = self.standing[NAME]
        assert (standing.size, standing.root) == (record.size, record.root(record.size))


TestWitnessing = Witnessing.TestCase

HEAD = Head(NAME, 0, EMPTY_ROOT)


MALFORMED = {
    "nothing": b"",
    "no empty line": b"old 0\n",
    "no old size": b"\n\n" + checkpoint(HEAD),
    "a leading zero": b"old 00\n\n" + checkpoint(HEAD),
    "another word": b"new 0\n\n" + checkpoint(HEAD),
    "a short hash": b"old 0\nAAAA\n\n" + checkpoint(HEAD),
    "a letter that is not ASCII": b"old 0\n\xc3\xa9\n\n" + checkpoint(HEAD),
    "carriage returns": b"old 0\r\n\r\n" + checkpoint(HEAD),
    "a note that is cut off": b"old 0\n\n" + checkpoint(HEAD)[:-1],
    "too many bytes": b"old 0\n\n" + b"x" * LARGEST_REQUEST + b"\n\n" + checkpoint(HEAD),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_refused_as_a_whole(name: str) -> None:
    request_body = MALFORMED[name]
    answer = consider(request_body, known(), verify_ed25519)
    assert isinstance(answer, Refusal)
    assert (answer.status, answer.reason) == (400, Reason.MALFORMED)
    assert asked_log(request_body) is None
    with pytest.raises(Malformed):
        read_add_checkpoint(request_body)


def test_a_request_has_at_most_sixty_three_hashes() -> None:
    for count, reason in ((63, Reason.BAD_CONSISTENCY), (64, Reason.MALFORMED)):
        data = write_add_checkpoint(0, (bytes(32),) * count, checkpoint(HEAD))
        assert consider(data, known(), verify_ed25519).reason is reason


def test_a_stranger_among_logs_is_not_known() -> None:
    data = write_add_checkpoint(0, (), checkpoint(HEAD))
    assert asked_log(data) == NAME
    answer = consider(data, {}, verify_ed25519)
    assert isinstance(answer, Refusal)
    assert answer.status == 404


def test_every_flipped_bit_of_a_request_changes_nothing_that_is_cosigned() -> None:
    record = SmallRecord(NAME)
    record.rewrite([b"a", b"b", b"c"])
    head = Head(NAME, 3, record.root(3))
    data = write_add_checkpoint(2, record.consistency(2, 3), checkpoint(head))
    standing = known(2, record.root(2))
    assert isinstance(consider(data, standing, verify_ed25519), Consent)
    for bit in range(len(data) * 8):
        flipped = (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))
        assert isinstance(consider(flipped, standing, verify_ed25519), Refusal)
