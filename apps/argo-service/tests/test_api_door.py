"""Keys, scopes, allowances, hosts, headers, and errors as problem documents."""

import asyncio
import json
import logging
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput, LogUnavailable, LogUnusable
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_service.api.allowance import MOST_CALLERS, Allowances
from argo_service.api.errors import Forbidden, Unauthenticated
from argo_service.api.keyring import Keyring
from argo_service.api_keys import ApiKeyFile, Scope, key_id

READ = frozenset({Scope.READ})


async def problem(station: Any, path: str, status: int, **more: Any) -> dict[str, Any]:
    method = more.pop("method", "GET")
    response = await station.client.request(method, path, **more)
    assert response.status == status, await response.text()
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = await response.json(content_type=None)
    assert body["status"] == status
    assert body["request_id"] == response.headers["X-Request-ID"]
    return body


async def test_an_unknown_path_is_a_problem(station: Any) -> None:
    assert "openapi.json" in (await problem(station, "/nowhere", 404))["detail"]


async def test_a_wrong_method_is_a_problem_that_says_which_are_right(station: Any) -> None:
    response = await station.client.post("/api/v1/signals")
    assert response.headers["Allow"] == "GET,HEAD"
    await problem(station, "/api/v1/signals", 405, method="POST")


@pytest.mark.parametrize("path", ["/", "/api/v1/signals", "/api/v1/health?level=live", "/nowhere"])
@pytest.mark.parametrize("host", ["localhost:x", "localhost:99999", "[::1]:", "127.0.0.1:-1"])
async def test_a_host_with_an_odd_port_is_no_fault_of_ours(
    station: Any, path: str, host: str
) -> None:
    assert (await station.client.get(path, headers={"Host": host})).status < 500


async def test_no_answer_tells_what_the_service_runs_on(station: Any) -> None:
    for path in ("/", "/api/v1/health", "/nowhere"):
        assert (await station.client.get(path)).headers["Server"] == "argo"


async def test_a_large_body_is_a_problem(station: Any) -> None:
    await problem(station, "/api/v1/signals", 413, data=b"x" * 20_000)


async def test_a_store_that_does_not_answer_is_a_problem_without_its_path(
    station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked(_query: object) -> tuple[()]:
        raise LogUnavailable("secret-place/argo.sqlite3 is locked")

    monkeypatch.setattr(station.log, "find", locked)
    body = await problem(station, "/api/v1/signals", 503)
    assert "secret-place" not in json.dumps(body)


async def test_a_fault_of_ours_tells_nothing_and_logs_everything(
    station: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_query: object) -> tuple[()]:
        raise RuntimeError("inner secret")

    monkeypatch.setattr(station.log, "find", broken)
    body = await problem(station, "/api/v1/signals", 500)
    assert "inner secret" not in json.dumps(body)
    assert "inner secret" in caplog.text
    assert body["request_id"] in caplog.text


async def test_a_proper_request_id_is_kept_and_an_improper_one_replaced(station: Any) -> None:
    kept = await station.client.get("/", headers={"X-Request-ID": "abc-1"})
    assert kept.headers["X-Request-ID"] == "abc-1"
    other = await station.client.get("/", headers={"X-Request-ID": "<script>"})
    assert other.headers["X-Request-ID"] != "<script>"


@pytest.mark.parametrize("path", ["/", "/docs", "/api/v1/signals", "/nowhere", "/metrics"])
async def test_every_answer_bears_the_security_headers(station: Any, path: str) -> None:
    headers = (await station.client.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


async def test_each_request_is_one_log_line_without_its_query(
    station: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="argo.access"):
        await station.client.get("/api/v1/signals?symbol=AAPL")
    (line,) = [record.message for record in caplog.records if record.name == "argo.access"]
    assert json.loads(line)["status"] == 200
    assert "AAPL" not in line


async def test_an_open_service_answers_only_under_this_machines_names(station: Any) -> None:
    body = await problem(station, "/api/v1/signals", 421, headers={"Host": "evil.example"})
    assert "localhost" in body["detail"]
    for host in ("localhost:1", "127.0.0.1", "[::1]:80", "LOCALHOST"):
        assert (await station.client.get("/", headers={"Host": host})).status == 200


async def make_key(station: Any, *scopes: Scope, expires_s: float | None = None) -> dict[str, str]:
    now = station.clock.now()
    expires = None if expires_s is None else now + timedelta(seconds=expires_s)
    _, text = await asyncio.to_thread(station.keys.add, "reader", frozenset(scopes), now, expires)
    await station.keyring.refresh()
    return {"Authorization": f"Bearer {text}"}


async def test_once_there_is_a_key_signals_need_one(station: Any) -> None:
    header = await make_key(station, Scope.READ)
    await problem(station, "/api/v1/signals", 401)
    response = await station.client.get("/api/v1/signals", headers=header)
    assert response.status == 200
    # Health, the pages and the description stay open.
    for path in ("/", "/docs", "/openapi.json", "/api/v1/health?level=live"):
        assert (await station.client.get(path)).status == 200


async def test_a_refusal_for_want_of_a_key_names_the_way(station: Any) -> None:
    await make_key(station, Scope.READ)
    response = await station.client.get("/metrics")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="argo"'


async def test_a_key_in_the_url_opens_nothing(station: Any) -> None:
    header = await make_key(station, Scope.READ)
    text = header["Authorization"].removeprefix("Bearer ")
    await problem(station, f"/api/v1/signals?key={text}", 401)
    await problem(station, "/api/v1/signals", 401, headers={"Authorization": f"Basic {text}"})


async def test_a_key_without_the_scope_is_forbidden(station: Any) -> None:
    header = await make_key(station, Scope.REALTIME)
    await problem(station, "/api/v1/signals", 403, headers=header)


async def test_an_admin_key_may_do_everything(station: Any) -> None:
    header = await make_key(station, Scope.ADMIN)
    assert (await station.client.get("/api/v1/signals", headers=header)).status == 200


async def test_a_key_expires(station: Any) -> None:
    header = await make_key(station, Scope.READ, expires_s=60)
    assert (await station.client.get("/api/v1/signals", headers=header)).status == 200
    await station.clock.advance(60)
    await problem(station, "/api/v1/signals", 401, headers=header)


async def test_a_revoked_key_is_refused_and_the_door_stays_shut(station: Any) -> None:
    header = await make_key(station, Scope.READ)
    number = key_id(header["Authorization"].removeprefix("Bearer "))
    assert await asyncio.to_thread(station.keys.revoke, number, station.clock.now())
    # The watch over the file looks every second.
    await station.clock.advance(1.5)
    await station.keyring.refresh()
    await problem(station, "/api/v1/signals", 401, headers=header)
    await problem(station, "/api/v1/signals", 401)


async def test_the_allowance_is_told_and_kept(station: Any) -> None:
    response = await station.client.get("/api/v1/signals")
    assert response.headers["RateLimit-Policy"] == '"default";q=600;w=60'
    assert response.headers["RateLimit"] == '"default";r=599;t=1'
    for _ in range(599):
        response = await station.client.get("/metrics")
    assert response.headers["RateLimit"] == '"default";r=0;t=60'
    refused = await station.client.get("/api/v1/signals")
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "1"
    # Health is how the neighbours decide whether we live; it is never rationed.
    assert (await station.client.get("/api/v1/health?level=live")).status == 200
    await station.clock.advance(0.1)
    assert (await station.client.get("/api/v1/signals")).status == 200


@given(st.lists(st.floats(0, 30), min_size=1, max_size=40), st.integers(1, 20))
def test_no_minute_admits_more_than_twice_the_allowance_and_no_burst_more_than_it(
    gaps: list[float], per_minute: int
) -> None:
    allowances, now = Allowances("default", per_minute), 0.0
    admitted: list[float] = []
    for gap in gaps:
        now += gap
        verdict = allowances.ask("one", now)
        if verdict.admitted:
            admitted.append(now)
        else:
            assert verdict.retry_after_s > 0
            after = allowances.ask("one", now + verdict.retry_after_s)
            assert after.admitted
            now += verdict.retry_after_s
            admitted.append(now)
    for moment in admitted:
        assert sum(moment <= other < moment + 60 for other in admitted) <= 2 * per_minute
        assert sum(other == moment for other in admitted) <= per_minute


def test_callers_do_not_share_an_allowance() -> None:
    allowances = Allowances("default", 1)
    assert allowances.ask("one", 0.0).admitted
    assert not allowances.ask("one", 0.0).admitted
    assert allowances.ask("other", 0.0).admitted


def test_many_callers_take_bounded_memory() -> None:
    allowances = Allowances("default", 1)
    for number in range(MOST_CALLERS + 100):
        allowances.ask(str(number), 0.0)
    assert len(allowances._full_at) == MOST_CALLERS


def test_a_key_file_holds_no_key_and_is_its_owners_only(tmp_path: Path) -> None:
    file = ApiKeyFile(tmp_path / "keys")
    key, text = file.add("reader", READ, BEGINNING, None)
    raw = (tmp_path / "keys").read_bytes()
    assert text.encode() not in raw
    assert text.rpartition("_")[2].encode() not in raw
    assert key.sha256.encode() in raw
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    assert file.is_private()


def test_a_key_has_256_random_bits_and_matches_only_itself(tmp_path: Path) -> None:
    file = ApiKeyFile(tmp_path / "keys")
    one, text = file.add("one", READ, BEGINNING, None)
    other, other_text = file.add("other", READ, BEGINNING, None)
    assert len(text.rpartition("_")[2]) >= 1
    assert key_id(text) == one.id
    assert one.matches(text)
    assert not one.matches(other_text)
    assert not one.matches(text[:-1] + ("A" if text[-1] != "A" else "B"))
    assert file.all() == tuple(sorted((one, other), key=lambda key: key.id))


@pytest.mark.parametrize("text", ["", "argo_", "argo_123456789abc_short", "é" * 60, "x" * 5000])
def test_what_is_no_key_has_no_id(text: str) -> None:
    assert key_id(text) is None


def test_last_use_never_goes_back(tmp_path: Path) -> None:
    file = ApiKeyFile(tmp_path / "keys")
    key, _ = file.add("reader", READ, BEGINNING, None)
    file.used({key.id: BEGINNING + timedelta(hours=1)})
    file.used({key.id: BEGINNING})
    assert file.all()[0].last_used_at == BEGINNING + timedelta(hours=1)


def test_revoking_says_whether_there_was_such_a_key(tmp_path: Path) -> None:
    file = ApiKeyFile(tmp_path / "keys")
    assert not file.revoke("000000000000", BEGINNING)
    key, _ = file.add("reader", READ, BEGINNING, None)
    assert not file.revoke("000000000000", BEGINNING)
    assert file.revoke(key.id, BEGINNING)
    assert file.revoke(key.id, BEGINNING + timedelta(hours=1))
    assert file.all()[0].revoked_at == BEGINNING


@pytest.mark.parametrize(
    ("name", "scopes", "expires_h", "field"),
    [("", READ, None, "name"), ("x", frozenset(), None, "scopes"), ("x", READ, -1, "expires")],
)
def test_a_senseless_key_is_refused(
    name: str, scopes: frozenset[Scope], expires_h: int | None, field: str, tmp_path: Path
) -> None:
    file = ApiKeyFile(tmp_path / "keys")
    expires = None if expires_h is None else BEGINNING + timedelta(hours=expires_h)
    with pytest.raises(InvalidInput) as caught:
        file.add(name, scopes, BEGINNING, expires)
    assert caught.value.field == field
    assert file.is_absent()


def test_a_damaged_key_file_is_not_an_open_door(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"not a database at all" * 100)
    with pytest.raises(LogUnusable, match="damaged"):
        ApiKeyFile(tmp_path / "keys").all()


async def test_keys_that_vanish_do_not_open_the_door(tmp_path: Path) -> None:
    file = ApiKeyFile(tmp_path / "keys")
    keyring = Keyring(file, FakeClock())
    await keyring.refresh()
    assert keyring.is_open
    await asyncio.to_thread(file.add, "reader", READ, BEGINNING, None)
    await keyring.refresh()
    (tmp_path / "keys").unlink()
    await keyring.refresh()
    assert not keyring.is_open
    with pytest.raises(Unauthenticated):
        keyring.admit(None, Scope.READ)


async def test_the_last_use_is_written_down(tmp_path: Path) -> None:
    file = ApiKeyFile(tmp_path / "keys")
    _, text = await asyncio.to_thread(file.add, "reader", READ, BEGINNING, None)
    clock = FakeClock()
    keyring = Keyring(file, clock)
    await keyring.refresh()
    assert keyring.admit(f"bearer {text}", Scope.READ) is not None
    with pytest.raises(Forbidden):
        keyring.admit(f"Bearer {text}", Scope.ADMIN)
    await keyring.close()
    (kept,) = await asyncio.to_thread(file.all)
    assert kept.last_used_at == clock.now()
