"""Commit and reveal: what is committed to, what may be shown, and what a log takes of both."""

import hmac
from hashlib import sha256

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import MAX_BYTES, Scalar, decode, encode, sha256_hex
from argo_core.ledger.commitment import commitment, nonce_of
from argo_core.ledger.entry import decode_entry, encode_entry
from argo_core.ledger.intake import (
    MAX_SEALED_BYTES,
    NOTHING_STORED,
    Standing,
    Stored,
    follow,
    inspect,
)
from argo_core.ledger.record import Batch, Sealed
from argo_core.testing.entries import LOG, tiny_capsule, tiny_quiet, tiny_signal

KEY = bytes(range(32))
NONCE = bytes(32)
AT = 1_700_000_000_000_000


def sealed_signal(seq: int, *, strategy: str = "alpha") -> Sealed:
    return Sealed(tiny_signal(seq, strategy=strategy), nonce_of(KEY, LOG, strategy, seq))


def commit_of(sealed: Sealed, **changed: Scalar) -> bytes:
    body = decode_entry(sealed.body)
    fields: dict[str, Scalar] = {
        "v": 1,
        "kind": "commit",
        "log": body.log,
        "strategy": body.strategy,
        "seq": body.seq,
        "decided_us": body.decided_us,
        "commitment": sealed.commitment,
        "reveal_after_us": body.decided_us + 900_000_000,
    }
    return encode_entry({**fields, **changed})


def reveal_of(sealed: Sealed, seq: int, commit_index: int, **changed: Scalar) -> bytes:
    fields: dict[str, Scalar] = {
        "v": 1,
        "kind": "reveal",
        "log": LOG,
        "strategy": decode_entry(sealed.body).strategy,
        "seq": seq,
        "decided_us": AT + 900_000_000,
        "commitment": sealed.commitment,
        "commit_index": commit_index,
        "nonce": sealed.nonce.hex(),
        "body": sealed.body.decode(),
    }
    return encode_entry({**fields, **changed})


def batch_of(*sealed: Sealed, entries: tuple[bytes, ...] | None = None) -> Batch:
    capsules = [tiny_capsule(decode_entry(one.body).seq) for one in sealed]
    return Batch(
        0,
        tuple(map(commit_of, sealed)) if entries is None else entries,
        {sha256_hex(one): one for one in capsules},
        {one.commitment: one for one in sealed},
    )


def test_a_commitment_is_the_hash_of_prefix_nonce_and_body() -> None:
    assert commitment(NONCE, b"body") == sha256(b"signal-commit/v1\n" + NONCE + b"body").hexdigest()


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_nonce_has_thirty_two_bytes(size: int) -> None:
    with pytest.raises(InvalidInput, match="nonce"):
        commitment(bytes(size), b"body")


def test_every_bit_of_nonce_and_body_counts() -> None:
    nonce, body = bytes(range(32)), b"a body"
    told = nonce + body
    number = int.from_bytes(told, "big")
    seen = {commitment(nonce, body)}
    for bit in range(8 * len(told)):
        other = (number ^ 1 << bit).to_bytes(len(told), "big")
        seen.add(commitment(other[:32], other[32:]))
    assert len(seen) == 1 + 8 * len(told)


def test_a_nonce_is_a_keyed_hash_of_where_the_signal_stands() -> None:
    named = b"signal-nonce/v1\nargo.example/log\nalpha\n7\n"
    assert nonce_of(KEY, LOG, "alpha", 7) == hmac.new(KEY, named, sha256).digest()


@given(st.text(max_size=5), st.text(max_size=5), st.integers(0, 30))
def test_no_two_places_share_a_nonce(log: str, strategy: str, seq: int) -> None:
    log, strategy = log.replace("\n", ""), strategy.replace("\n", "")
    places = {(log, strategy, seq), (log + "0", strategy, seq), (log, strategy + "0", seq)}
    nonces = {nonce_of(KEY, *one) for one in {*places, (log, strategy, seq + 1)}}
    assert len(nonces) == 4
    assert nonce_of(KEY[::-1], log, strategy, seq) not in nonces


@pytest.mark.parametrize(("log", "strategy"), [("a\nb", "c"), ("a", "b\nc"), ("\n", "")])
def test_names_that_could_run_together_have_no_nonce(log: str, strategy: str) -> None:
    with pytest.raises(InvalidInput, match="line feed"):
        nonce_of(KEY, log, strategy, 0)


def test_a_short_key_is_no_secret() -> None:
    with pytest.raises(InvalidInput, match="at least 32 random bytes") as refused:
        nonce_of(b"hunter2" * 4, LOG, "alpha", 0)
    assert "hunter2" not in str(refused.value)


def test_a_nonce_is_not_shown_by_accident() -> None:
    sealed = sealed_signal(0)
    assert sealed.nonce.hex() not in repr(sealed)
    assert repr(sealed.nonce) not in repr(sealed)


def test_a_commit_comes_with_its_body_and_its_capsule() -> None:
    inspected = inspect(batch_of(sealed_signal(0), sealed_signal(1)))
    assert set(inspected.bodies) == {sealed_signal(0).commitment, sealed_signal(1).commitment}
    assert inspected.wanted_capsules == frozenset()
    standing, _ = follow(Standing(LOG), inspected)
    assert standing.next_seq == {"alpha": 2}


def test_a_sealed_body_s_capsule_must_be_there_too() -> None:
    inspected = inspect(evolve(batch_of(sealed_signal(0)), capsules={}))
    assert inspected.wanted_capsules == {sha256_hex(tiny_capsule(0))}
    with pytest.raises(InvalidInput, match="nobody has the capsule"):
        follow(Standing(LOG), inspected)


def test_a_sealed_body_s_raw_replies_may_come_along() -> None:
    raw = b"what a model said"
    fields = {**decode(tiny_signal(0)), "raw_massive_sha256": sha256_hex(raw)}
    sealed = Sealed(encode_entry(fields), NONCE)
    batch = batch_of(sealed)
    inspect(evolve(batch, capsules={**batch.capsules, sha256_hex(raw): raw}))
    with pytest.raises(InvalidInput, match="no entry of the batch names it"):
        inspect(evolve(batch, capsules={**batch.capsules, sha256_hex(b"other"): b"other"}))


def test_bodies_are_those_of_the_commits_no_more_and_no_fewer() -> None:
    first, second = sealed_signal(0), sealed_signal(1)
    batch = batch_of(first, second)
    refused: tuple[dict[str, Sealed], ...] = (
        {},
        {first.commitment: first},
        {**batch.sealed, sealed_signal(2).commitment: sealed_signal(2)},
    )
    for sealed in refused:
        with pytest.raises(InvalidInput, match="just what its commits commit to"):
            inspect(evolve(batch, sealed=sealed))
    with pytest.raises(InvalidInput, match="just what its commits commit to"):
        inspect(Batch(0, (tiny_quiet(0),), {}, {first.commitment: first}))
    swapped = {first.commitment: second, second.commitment: first}
    with pytest.raises(InvalidInput, match="of another body"):
        inspect(evolve(batch, sealed=swapped))


def test_two_commits_to_one_body_are_refused_though_the_last_is_right() -> None:
    # Found by reading: by commitment the two are one, so only the last was compared with the body.
    sealed = sealed_signal(1)
    entries = (commit_of(sealed, seq=0), commit_of(sealed))
    with pytest.raises(InvalidInput, match="commit to the same"):
        inspect(batch_of(sealed, entries=entries))


@pytest.mark.parametrize(
    "changed", [{"log": "other.example/log"}, {"strategy": "beta"}, {"seq": 1}, {"decided_us": 5}]
)
def test_a_commit_stands_where_its_body_says(changed: dict[str, Scalar]) -> None:
    sealed = sealed_signal(0)
    with pytest.raises(InvalidInput, match="not the signal of its commit"):
        inspect(batch_of(sealed, entries=(commit_of(sealed, **changed),)))


def test_only_a_signal_can_be_sealed() -> None:
    sealed = Sealed(tiny_quiet(0), NONCE)
    with pytest.raises(InvalidInput, match="not the signal of its commit"):
        inspect(batch_of(sealed))
    for body in (b"", b"{}", tiny_signal(0) + b" ", b"\xff"):
        wrong = Sealed(body, NONCE)
        entry = commit_of(sealed_signal(0), commitment=wrong.commitment)
        with pytest.raises(InvalidInput):
            inspect(Batch(0, (entry,), {}, {wrong.commitment: wrong}))


def test_a_nonce_of_another_length_commits_to_nothing() -> None:
    sealed = sealed_signal(0)
    short = Sealed(sealed.body, sealed.nonce[:-1])
    with pytest.raises(InvalidInput, match="nonce"):
        inspect(Batch(0, (commit_of(sealed),), {}, {sealed.commitment: short}))


def body_of(characters: str) -> bytes:
    return encode_entry({**decode(tiny_signal(0)), "reasoning": characters})


@pytest.mark.parametrize("letter", ["x", '"', "\\"])
def test_a_body_that_could_not_be_revealed_is_not_committed_to(letter: str) -> None:
    names: dict[str, Scalar] = {"log": '"' * 255, "strategy": "s" * 128, "decided_us": -(2**53) + 1}
    places: dict[str, Scalar] = {"seq": 2**53 - 1, "commit_index": 2**53 - 1}
    empty = Sealed(body_of(""), b"\xff" * 32)

    def spelled(body: bytes) -> int:
        # In the body a quote is written with a backslash, and the reveal escapes both once more.
        return len(body) + body.count(b'"') + body.count(b"\\")

    step = spelled(body_of(letter)) - spelled(body_of(""))
    room = (MAX_SEALED_BYTES - spelled(empty.body)) // step
    longest = Sealed(body_of(letter * room), b"\xff" * 32)
    inspect(batch_of(longest))
    fields = {**decode(reveal_of(longest, 1, 0)), **names, **places}
    # Even the longest names and numbers fit beside it.
    assert len(encode(fields)) <= MAX_BYTES
    longer = Sealed(body_of(letter * (room + 1)), NONCE)
    with pytest.raises(InvalidInput, match=f"keep it within {MAX_SEALED_BYTES}"):
        inspect(batch_of(longer))


def test_a_reveal_shows_what_was_committed_to() -> None:
    sealed = sealed_signal(0)
    standing, _ = follow(Standing(LOG), inspect(batch_of(sealed)))
    inspected = inspect(Batch(1, (reveal_of(sealed, 1, 0),)))
    assert inspected.wanted_commits == {0}
    following, _ = follow(standing, inspected, Stored(commits={0: commit_of(sealed)}))
    assert following.next_seq == {"alpha": 2}


@pytest.mark.parametrize(
    "stored",
    [
        NOTHING_STORED,
        Stored(commits={1: commit_of(sealed_signal(0))}),
        Stored(commits={0: commit_of(sealed_signal(1))}),
        Stored(commits={0: tiny_signal(0)}),
        Stored(commits={0: tiny_quiet(0)}),
        Stored(commits={0: commit_of(sealed_signal(0), strategy="beta")}),
    ],
    ids=["none", "another index", "another commitment", "a signal", "quiet", "another strategy"],
)
def test_a_reveal_of_what_was_not_committed_to_is_refused(stored: Stored) -> None:
    standing = Standing(LOG, next_seq={"alpha": 1})
    inspected = inspect(Batch(0, (reveal_of(sealed_signal(0), 1, 0),)))
    with pytest.raises(InvalidInput, match="entry 0 does not commit to it"):
        follow(standing, inspected, stored)


def test_a_reveal_opens_its_own_commitment() -> None:
    sealed = sealed_signal(0)
    for changed in (
        {"nonce": "0" * 64},
        {"commitment": "0" * 64},
        {"body": sealed.body.decode() + " "},
        {"body": tiny_signal(1).decode()},
    ):
        with pytest.raises(InvalidInput, match="another commitment"):
            reveal_of(sealed, 1, 0, **changed)
    for changed in ({"nonce": "0" * 62}, {"nonce": "G" * 64}, {"body": "\n"}):
        with pytest.raises(InvalidInput):
            reveal_of(sealed, 1, 0, **changed)
