"""Checkpoint, tiles, bundles, proofs and entries: right, cacheable, and nothing unpublished."""

import asyncio
import hashlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from argo_core.ledger.checkpoint import open_checkpoint, parse_checkpoint
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import parse_note
from argo_core.ledger.proof import check_inclusion
from argo_core.ledger.proof_file import parse_proof_file
from argo_core.ledger.tile import split_entries, split_hashes, tiles_of
from argo_core.testing.fake_signer import fake_verify
from argo_service.api import keys
from argo_service.api_keys import Scope

IMMUTABLE = "public, max-age=31536000, immutable"
RECORD = ("/checkpoint", "/tile/0/000.p/3", "/tile/entries/000.p/3", "/api/v1/entries/1")
PROOF = "/proof/1.tlog-proof"


async def get(desk: Any, path: str, status: int = 200, **more: Any) -> bytes:
    response = await desk.client.get(path, **more)
    body: bytes = await response.read()
    assert response.status == status, (path, body)
    return body


async def test_the_checkpoint_is_the_published_one_with_its_cosignatures(desk: Any) -> None:
    await desk.write(3)
    await desk.press.publish(cosigned_at=1_700_000_001)
    await desk.write(2)
    response = await desk.client.get("/checkpoint")
    data = await response.read()
    head, note = open_checkpoint(data, desk.log.key, fake_verify)
    assert head.size == 3
    assert [line.name for line in note.signatures] == [desk.log.key.name, "witness.example"]
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert data == desk.press.published.note.encode()


@pytest.mark.parametrize("path", [*RECORD, PROOF])
async def test_before_anything_is_published_nothing_is_there(desk: Any, path: str) -> None:
    await desk.write(3)
    await get(desk, path, 404)


async def test_an_entry_is_the_very_bytes_whose_hash_the_signal_tells(desk: Any) -> None:
    await desk.write(3)
    await desk.press.publish()
    listed = await (await desk.client.get("/api/v1/signals")).json()
    for signal in listed["signals"]:
        response = await desk.client.get(signal["entry_path"])
        data = await response.read()
        assert hashlib.sha256(data).hexdigest() == signal["signal_sha256"]
        assert leaf_hash(data).hex() == signal["leaf_hash"]
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Cache-Control"] == IMMUTABLE
        await get(desk, signal["proof_path"])


@pytest.mark.parametrize(
    "path",
    [
        "/tile/0/1",
        "/tile/0/01",
        "/tile/0/0000",
        "/tile/0/x0001",
        "/tile/0/x001",
        "/tile/0/x000/000.p/3",
        "/tile/0/x000/001",
        "/tile/00/000.p/3",
        "/tile/+0/000.p/3",
        "/tile/-1/000.p/3",
        "/tile/6/000",
        "/tile/63/000",
        "/tile/entry/000.p/3",
        "/tile/Entries/000.p/3",
        "/tile/0/000.p",
        "/tile/0/000.p/",
        "/tile/0/000.p/0",
        "/tile/0/000.p/03",
        "/tile/0/000.p/256",
        "/tile/0/000.p/257",
        "/tile/0/000.p/999999999999999999999999",
        "/tile/0/000.p/3/",
        "/tile/0/000.P/3",
        "/tile/0/000p/3",
        "/tile/0/%30%30%30.p/3",
        "/tile/0/000%2Ep/3",
        "/tile/0/000.p%2F3",
        "/tile/entries%2F000.p/3",
        "/tile/0/%D9%A0%D9%A0%D9%A0.p/3",
        "/tile/0/x999/x999/x999/x999/x999/999",
        "/tile/0/x999/x999/x999/x999/x999/x999/999",
        "/tile/0/" + "x999/" * 300 + "999",
        "/tile/entries/x123/456",
        "/tile/0/",
        "/tile/0",
        "/tile/",
        "/tile",
        "/tiles/0/000.p/3",
        "/checkpoint/",
        "/proof/1",
        "/proof/1.tlog-proof/",
        "/proof/.tlog-proof",
        "/proof/01.tlog-proof",
        "/proof/-1.tlog-proof",
        "/proof/+1.tlog-proof",
        "/proof/1e0.tlog-proof",
        "/proof/%31.tlog-proof",
        "/proof/%D9%A1.tlog-proof",
        "/proof/5.tlog-proof",
        "/proof/9223372036854775807.tlog-proof",
        "/proof/9223372036854775808.tlog-proof",
        "/proof/99999999999999999999999999.tlog-proof",
        "/api/v1/entries/5",
        "/api/v1/entries/9223372036854775807",
        "/api/v1/entries/",
        "/api/v1/entries/1/",
    ],
)
async def test_what_is_not_a_path_of_the_record_is_not_there(desk: Any, path: str) -> None:
    await desk.write(5)
    await desk.press.publish()
    response = await desk.client.get(URL(path, encoded=True))
    assert response.status == 404, await response.text()
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("index", ["x", "-1", "01", "1.0", "%31%20", "9" * 40, "0x1", "%D9%A1"])
async def test_a_malformed_index_of_an_entry_is_refused_by_name(desk: Any, index: str) -> None:
    await desk.write(5)
    await desk.press.publish()
    response = await desk.client.get(URL(f"/api/v1/entries/{index}", encoded=True))
    assert response.status == 400
    assert (await response.json(content_type=None))["field"] == "index"


@pytest.mark.parametrize("raw", ["/tile/../checkpoint", "/tile/0/../0/000.p/3", "//checkpoint"])
async def test_a_path_that_climbs_leads_nowhere(desk: Any, raw: str) -> None:
    await desk.write(5)
    await desk.press.publish()
    assert b"404" in (await answered(desk, raw)).partition(b"\r\n")[0]


async def answered(desk: Any, raw: str) -> bytes:
    """What the service says to a request line that no client of ours would write."""
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.client.port)
    writer.write(f"GET {raw} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    data = await reader.read()
    writer.close()
    await writer.wait_closed()
    return data


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tile/0/000.p/3", 200),
        ("/tile/0/000.p/4", 404),
        ("/tile/0/000", 404),
        ("/tile/0/001.p/1", 404),
        ("/tile/1/000.p/1", 404),
        ("/tile/entries/000.p/3", 200),
        ("/tile/entries/000.p/4", 404),
        ("/api/v1/entries/2", 200),
        ("/api/v1/entries/3", 404),
        ("/proof/2.tlog-proof", 200),
        ("/proof/3.tlog-proof", 404),
    ],
)
async def test_what_lies_beyond_the_published_size_is_shown_to_nobody(
    desk: Any, path: str, status: int
) -> None:
    await desk.write(3)
    await desk.press.publish()
    await desk.write(500)
    await get(desk, path, status)
    everything = await desk.key(Scope.ADMIN)
    await get(desk, path, status, headers=everything)


async def test_a_partial_tile_stays_when_the_log_grows(desk: Any) -> None:
    await desk.write(3)
    await desk.press.publish()
    before = [await get(desk, path) for path in RECORD[1:]]
    await desk.write(600)
    await desk.press.publish()
    assert [await get(desk, path) for path in RECORD[1:]] == before


@pytest.mark.parametrize("path", [*RECORD, PROOF])
async def test_who_has_it_already_is_told_so(desk: Any, path: str) -> None:
    await desk.write(3)
    await desk.press.publish()
    first = await desk.client.get(path)
    tag = first.headers["ETag"]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await desk.client.get(path, headers={"If-None-Match": held})
        assert (again.status, await again.read()) == (304, b"")
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    for held in ('"other"', "nonsense", '"', "W/"):
        again = await desk.client.get(path, headers={"If-None-Match": held})
        assert again.status == 200


async def test_a_new_checkpoint_has_another_tag(desk: Any) -> None:
    await desk.write(3)
    await desk.press.publish(pending=True)
    seen = {(await desk.client.get("/checkpoint")).headers["ETag"]}
    await desk.press.publish(cosigned_at=1_700_000_001)
    seen.add((await desk.client.get("/checkpoint")).headers["ETag"])
    await desk.write(1)
    await desk.press.publish()
    seen.add((await desk.client.get("/checkpoint")).headers["ETag"])
    assert len(seen) == 3


@pytest.mark.parametrize("path", [*RECORD, PROOF])
async def test_a_head_request_tells_all_but_the_body(desk: Any, path: str) -> None:
    await desk.write(3)
    await desk.press.publish()
    whole, head = await desk.client.get(path), await desk.client.head(path)
    assert (head.status, await head.read()) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("path", [*RECORD, PROOF, "/tile/0/999", "/proof/99.tlog-proof"])
async def test_any_page_on_the_web_may_read_the_record_without_a_key(desk: Any, path: str) -> None:
    await desk.write(3)
    await desk.press.publish()
    await desk.key(Scope.READ)
    response = await desk.client.get(path, headers={"Origin": "https://alpine.example"})
    assert response.status in {200, 404}
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_no_other_path_is_open_to_pages_of_others(desk: Any) -> None:
    for path in ("/", "/api/v1/signals", "/api/v1/bodies", "/metrics", "/nowhere"):
        response = await desk.client.get(path)
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [*RECORD, PROOF])
async def test_an_unknown_parameter_is_refused(desk: Any, path: str) -> None:
    await desk.write(3)
    await desk.press.publish()
    await get(desk, f"{path}?fresh=1", 400)


async def test_the_record_is_rationed_by_address_and_apart(desk: Any) -> None:
    await desk.write(3)
    await desk.press.publish()
    response = await desk.client.get("/checkpoint")
    assert response.headers["RateLimit-Policy"] == '"public";q=6000;w=60'
    for _ in range(5_999):
        desk.app[keys.PUBLIC_ALLOWANCES].ask("address 127.0.0.1", desk.clock.monotonic())
    refused = await desk.client.get("/checkpoint")
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert (await desk.client.get("/api/v1/signals")).status == 200
    await desk.clock.advance(0.01)
    assert (await desk.client.get("/checkpoint")).status == 200


async def test_while_witnesses_are_awaited_a_proof_carries_what_was_cosigned_before(
    desk: Any,
) -> None:
    await desk.write(3)
    await desk.press.publish(cosigned_at=1_700_000_001)
    cosigned = desk.press.published.note
    await desk.write(2)
    await desk.press.publish(pending=True)
    proofs = [parse_proof_file(await get(desk, f"/proof/{i}.tlog-proof")) for i in range(5)]
    pending = desk.press.published.note.encode()
    assert [one.checkpoint for one in proofs] == [cosigned.encode()] * 3 + [pending] * 2
    await desk.press.publish(cosigned_at=1_700_000_002)
    newest = parse_proof_file(await get(desk, "/proof/0.tlog-proof")).checkpoint
    assert newest == desk.press.published.note.encode()


async def test_a_log_that_does_not_prove_its_entry_serves_no_proof(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.write(5)
    await desk.press.publish()
    honest = desk.log.hashes

    async def flipped(level: int, start: int, stop: int) -> bytes:
        data = await honest(level, start, stop)
        return data[:-1] + bytes([data[-1] ^ 1]) if stop == 5 else data

    monkeypatch.setattr(desk.log, "hashes", flipped)
    await get(desk, "/proof/0.tlog-proof", 500)


async def test_a_log_that_lost_entries_serves_no_part_of_a_bundle(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.write(5)
    await desk.press.publish()

    async def nothing(*_: int) -> tuple[()]:
        return ()

    async def no_hashes(*_: int) -> bytes:
        return b""

    monkeypatch.setattr(desk.log, "entries", nothing)
    monkeypatch.setattr(desk.log, "hashes", no_hashes)
    await get(desk, "/tile/entries/000.p/5", 500)
    await get(desk, "/api/v1/entries/0", 500)
    await get(desk, "/tile/0/000.p/5", 500)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(counts=st.lists(st.integers(1, 300), min_size=1, max_size=3), later=st.integers(0, 3))
async def test_whatever_is_served_verifies_against_the_checkpoint(
    counts: list[int], later: int, tmp_path_factory: pytest.TempPathFactory, open_desk: Any
) -> None:
    async with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        for count in counts:
            await desk.write(count)
        await desk.press.publish()
        if later:
            await desk.write(later)
        head = parse_checkpoint(parse_note(await get(desk, "/checkpoint")).text)
        assert head.size == sum(counts)
        leaves: list[bytes] = []
        rows: dict[int, list[bytes]] = {}
        for part in tiles_of(head.size):
            data = await get(desk, f"/{part.path}")
            if part.level is None:
                leaves += map(leaf_hash, split_entries(data, part.width))
            else:
                rows.setdefault(part.level, []).extend(split_hashes(data, part.width))
        frontier, above = Frontier().grow(leaves)
        assert frontier.root() == head.root
        assert rows == {0: leaves, **above}
        for index in {0, head.size // 2, head.size - 1}:
            proof = parse_proof_file(await get(desk, f"/proof/{index}.tlog-proof"))
            entry = await get(desk, f"/api/v1/entries/{index}")
            assert proof.checkpoint == await get(desk, "/checkpoint")
            assert check_inclusion(leaf_hash(entry), index, head.size, proof.proof, head.root)
