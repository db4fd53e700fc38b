"""A stored head is believed only where our own signature vouches for it."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput, LogUnusable
from argo_core.ledger.checkpoint import sign_checkpoint
from argo_core.ledger.intake import Standing
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import Note
from argo_core.ledger.stored_head import (
    StoredHead,
    read_head,
    read_sequences,
    store_head,
    write_sequences,
)
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner

OURS = FakeSigner(LOG)
LEAVES = [leaf_hash(bytes([number])) for number in range(5)]
STANDING = Standing(LOG, Frontier().extend(LEAVES), {"beta": 2, "alpha": 3}, 7)
HEAD = store_head(STANDING, OURS.key, OURS.sign)


def read(head: StoredHead, signer: FakeSigner = OURS) -> Standing:
    return read_head(head, signer.key, signer.sign, "here")


@given(
    st.integers(0, 40),
    st.dictionaries(st.sampled_from(["alpha", "b.eta", "c-1"]), st.integers(0, 9)),
    st.none() | st.integers(0, 9),
)
def test_a_head_comes_back_as_it_went_in(
    size: int, next_seq: dict[str, int], newest: int | None
) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    standing = Standing(LOG, Frontier().extend(leaves), next_seq, newest)
    assert read(store_head(standing, OURS.key, OURS.sign)) == standing


def test_sequences_are_written_in_one_way_only() -> None:
    assert HEAD.sequences == '{"alpha":3,"beta":2}'
    for text in ('{"beta":2,"alpha":3}', '{"a": 1}', '{"a":1.0}', '{"a":true}', "[]", "{", ""):
        with pytest.raises(InvalidInput, match="sequences"):
            read_sequences(text)
    assert read_sequences(write_sequences({})) == {}


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        (evolve(HEAD, size=4), "cannot be read: tile"),
        (evolve(HEAD, size=6), "not of the tree recorded with it"),
        (evolve(HEAD, peaks=HEAD.peaks[::-1]), "not of the tree recorded with it"),
        (evolve(HEAD, size=-1), "cannot be read"),
        (evolve(HEAD, size=2**64, peaks=LEAVES[0]), "cannot be read: size"),
        (evolve(HEAD, sequences="{}}"), "cannot be read: sequences"),
        (evolve(HEAD, note=HEAD.note[:-1]), "checkpoint cannot be read"),
        (evolve(HEAD, note=b"three\nlines\nnot\n\n" + HEAD.note.split(b"\n\n")[1]), "cannot be"),
    ],
)
def test_a_head_that_was_changed_is_refused(head: StoredHead, problem: str) -> None:
    with pytest.raises(LogUnusable, match=problem) as caught:
        read(head)
    assert str(caught.value).startswith("here: ")


def test_another_logs_head_is_refused_with_both_names() -> None:
    with pytest.raises(LogUnusable, match=r"it is the log argo\.example/log, .* of other"):
        read(HEAD, FakeSigner("other.example/log"))


def test_another_keys_head_is_refused_with_both_keys() -> None:
    class OtherKey(FakeSigner):
        def __init__(self) -> None:
            super().__init__(LOG, 4)

    other = OtherKey()
    with pytest.raises(LogUnusable, match=OURS.key.key_id.hex()) as caught:
        read(HEAD, other)
    assert other.key.key_id.hex() in str(caught.value)


def test_a_bad_signature_under_our_name_is_refused() -> None:
    good = sign_checkpoint(STANDING.checkpoint(), OURS.key, OURS.sign)
    line = good.signatures[0]
    forged = Note(good.text, (evolve(line, payload=bytes(len(line.payload))),))
    with pytest.raises(LogUnusable, match="bad signature"):
        read(evolve(HEAD, note=forged.encode()))
