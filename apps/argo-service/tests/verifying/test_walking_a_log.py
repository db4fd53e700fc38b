"""A whole log, served by somebody who may lie about any of it."""

from collections.abc import Mapping

import pytest
from attrs import evolve, frozen

from argo_core.errors import Unchecked
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.note import Note
from argo_core.ledger.policy import Policy
from argo_core.ledger.tile import Tile, join_entries
from argo_core.ledger.verdict import Report, Verdict
from argo_core.testing.entries import LOG, tiny_quiet, tiny_signal
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.small_record import (
    ALONE,
    BOTH,
    NOW,
    NOW_S,
    ONE,
    OTHER,
    WITNESS,
    changed,
    files_of,
    head_of,
    signed,
    small_record,
)
from argo_service.verifying.walk import Reader, walk

RECORD = small_record()
HEAD = head_of(RECORD)
TINY = [tiny_quiet(seq) for seq in range(3)]
LONG = [tiny_quiet(seq) for seq in range(2_600)]
BUNDLE, TILE = "tile/entries/000.p/11", "tile/0/000.p/11"


@frozen
class MemoryShelf:
    """Files in memory; those that are too large are refused as every shelf refuses them."""

    files: Mapping[str, bytes]
    name: str = "memory"

    async def read(self, path: str, max_bytes: int) -> bytes | None:
        data = self.files.get(path)
        if data is not None and len(data) > max_bytes:
            raise Unchecked(f"{path} is too large")
        return data


async def report_of(
    files: Mapping[str, bytes], policy: Policy | None = ONE, *kept: Checkpoint
) -> Report:
    return (await walk(MemoryShelf(files), Reader(policy, fake_verify, kept), NOW)).report


async def verdict_of(files: Mapping[str, bytes]) -> Verdict:
    return (await report_of(files)).verdict


def served(entries: list[bytes], note: Note | None = None) -> dict[str, bytes]:
    return files_of(entries, note or signed(head_of(entries)))


async def test_a_good_log_is_good() -> None:
    found = await walk(MemoryShelf(served(RECORD)), Reader(ONE, fake_verify), NOW)
    assert (found.report.verdict, found.note) == (Verdict.GOOD, signed(HEAD))
    assert any(said.startswith("witness.example/w cosigned it") for said in found.report.proved)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 2_047, 2_048, 2_049, 2_600])
async def test_logs_of_any_size_are_walked_whole(size: int) -> None:
    report = await report_of(served(LONG[:size]))
    assert report.verdict is Verdict.GOOD
    assert f"All {size} entries together have the root of the checkpoint." in report.proved
    bundles = -(-size // 256)
    tiles = bundles + (1 if size >= 256 else 0)
    assert (
        not size
        or f"The tiles served, {tiles} in all, are those of these entries." in report.proved
    )


@pytest.mark.parametrize("path", served(TINY))
async def test_every_byte_of_every_file_counts(path: str) -> None:
    files = served(TINY)
    data = files[path]
    for at in range(len(data)):
        for flip in (0x01, 0x20, 0x80):
            lie = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
            assert await verdict_of({**files, path: lie}) is not Verdict.GOOD, (at, flip)


@pytest.mark.parametrize("path", served(TINY))
async def test_every_file_is_needed_whole(path: str) -> None:
    files = served(TINY)
    missing = {name: data for name, data in files.items() if name != path}
    assert await verdict_of(missing) is Verdict.UNCHECKED
    data = files[path]
    for at in range(len(data)):
        assert await verdict_of({**files, path: data[:at]}) is not Verdict.GOOD, at
    for lie in (data + b"\0", data + data, b"\n" + data):
        assert await verdict_of({**files, path: lie}) is not Verdict.GOOD
    huge = {**files, path: data + bytes(20_000_000)}
    assert await verdict_of(huge) is Verdict.UNCHECKED


@pytest.mark.parametrize("page", [b"", b"<html>Not found</html>", b"\xff" * 100, b"\n\n"])
async def test_a_page_instead_of_a_checkpoint_is_refuted(page: bytes) -> None:
    report = await report_of({**served(RECORD), "checkpoint": page})
    assert report.verdict is Verdict.REFUTED
    assert "the checkpoint is not to be trusted" in report.problems[0]
    assert (await report_of({"checkpoint": page}, None)).verdict is Verdict.REFUTED


async def test_entries_swapped_dropped_or_added_are_found() -> None:
    files = served(RECORD)
    swapped = [RECORD[1], RECORD[0], *RECORD[2:]]
    for lie in (swapped, RECORD[:-1], [*RECORD, RECORD[0]], [*RECORD[:-1], tiny_quiet(8)]):
        assert await verdict_of({**files, BUNDLE: join_entries(lie)}) is Verdict.REFUTED


async def test_a_gap_that_the_log_itself_signed_is_found() -> None:
    gap = [tiny_quiet(0), tiny_quiet(2)]
    assert (await report_of(served(gap))).problems == (
        "entry 1: alpha should be at seq 1, it has 2",
    )


async def test_a_broken_promise_that_the_log_itself_signed_is_found() -> None:
    wrong = [*RECORD[:5], changed(RECORD[5], signal_id="alpha-9"), *RECORD[6:]]
    assert (await verdict_of(served(wrong))) is Verdict.REFUTED


async def test_tiles_that_disagree_with_the_entries_are_found() -> None:
    other = served([tiny_signal(seq) for seq in range(11)])[TILE]
    report = await report_of({**served(RECORD), TILE: other})
    assert report.problems == (f"{TILE}: hash 0 is not what the entries give",)


async def test_a_full_tile_stands_in_for_a_partial_one() -> None:
    files = served(LONG[:700])
    now = served(LONG[:1_000])
    partial = {name for name in files if ".p/" in name}
    assert len(partial) == 3
    later = {name: data for name, data in files.items() if name not in partial}
    for tile in (Tile(None, 2), Tile(0, 2), Tile(1, 0)):
        full = now.get(tile.path) or files["tile/1/000.p/2"] + bytes(254 * 32)
        later[tile.path] = full
    assert (await report_of(later)).verdict is Verdict.GOOD
    damaged = {**later, "tile/0/002": bytes(256 * 32)}
    assert (await report_of(damaged)).verdict is Verdict.REFUTED


async def test_a_checkpoint_of_another_log_or_key_is_refuted() -> None:
    stranger = FakeSigner("argo.example/else")
    files = served(RECORD)
    assert (await report_of(files, Policy(stranger.key))).verdict is Verdict.REFUTED
    impostor = evolve(ONE.log, public_key=stranger.key.public_key)
    assert (await report_of(files, Policy(impostor))).verdict is Verdict.REFUTED


async def test_unknown_or_missing_witnesses_leave_it_unchecked() -> None:
    for given in ({}, {OTHER: NOW_S}):
        report = await report_of(served(RECORD, signed(HEAD, given)))
        assert report.verdict is Verdict.UNCHECKED
        assert report.problems[0].startswith("0 of the 1 witnesses needed")
    assert (await report_of(served(RECORD), BOTH)).verdict is Verdict.UNCHECKED
    assert (await report_of(served(RECORD), ALONE)).verdict is Verdict.GOOD


async def test_a_witness_from_the_future_counts_for_nothing() -> None:
    report = await report_of(served(RECORD, signed(HEAD, {WITNESS: NOW_S + 3_600})))
    assert report.verdict is Verdict.UNCHECKED
    assert "a clock is wrong" in report.problems[0]


async def test_a_log_without_a_pinned_key_is_checked_against_itself() -> None:
    found = await walk(MemoryShelf(served(RECORD)), Reader(None, fake_verify), NOW)
    assert (found.report.verdict, found.note) == (Verdict.GOOD, None)
    assert found.report.unproved[0].startswith("Whose record it is")


@pytest.mark.parametrize("size", range(12))
async def test_an_earlier_checkpoint_has_to_be_the_beginning(size: int) -> None:
    kept = head_of(RECORD[:size])
    assert (await report_of(served(RECORD), ONE, kept)).verdict is Verdict.GOOD
    if size:
        forked = evolve(kept, root=b"r" * 32)
        report = await report_of(served(RECORD), ONE, forked)
        assert report.verdict is Verdict.REFUTED
        assert "the log signed two histories" in report.problems[0]


async def test_a_rollback_is_refuted_before_anything_is_read() -> None:
    only = {"checkpoint": signed(head_of(RECORD[:7])).encode()}
    report = await report_of(only, ONE, HEAD)
    assert report.verdict is Verdict.REFUTED
    assert "rolled back, or an old state is replayed" in report.problems[0]


async def test_a_fork_of_the_same_size_is_refuted_before_anything_is_read() -> None:
    found = await walk(
        MemoryShelf({"checkpoint": signed(HEAD).encode()}),
        Reader(ONE, fake_verify, (evolve(HEAD, root=b"r" * 32),)),
        NOW,
    )
    assert found.report.verdict is Verdict.REFUTED
    assert found.note == signed(HEAD), "it is the evidence"


async def test_a_log_that_is_too_long_is_not_read() -> None:
    reader = Reader(ONE, fake_verify, max_entries=10)
    report = (await walk(MemoryShelf(served(RECORD)), reader, NOW)).report
    assert (report.verdict, report.problems) == (
        Verdict.UNCHECKED,
        ("the log has 11 entries; --max-entries allows 10",),
    )
    endless = evolve(HEAD, size=2**62)
    beyond = await report_of({"checkpoint": signed(endless).encode()})
    assert beyond.verdict is Verdict.UNCHECKED


async def test_entries_of_another_log_are_refuted() -> None:
    strange = [tiny_quiet(seq, log="argo.example/else") for seq in range(3)]
    report = await report_of(served(strange, signed(head_of(strange, LOG))))
    assert report.problems[0] == f"entry 0: it bears the name of argo.example/else, not {LOG}"
