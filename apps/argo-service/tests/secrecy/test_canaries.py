"""Keys planted in the environment, in files and in AWS, and vendors that shout them back.

A real service runs until every vendor has seen its key; then everything it has written, answered
and left behind is searched.
"""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_service.cli.exit_codes import Exit

ARGO = [sys.executable, "-m", "argo_service.cli"]
PATIENCE_S = 50.0
CANARY = "canary"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "canary-aws-0f0f",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}


class _Parrot(BaseHTTPRequestHandler):
    """A vendor that takes no key and says which it was shown, in every way there is."""

    seen: set[str]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._answer()

    def _answer(self) -> None:
        shown = " ".join([self.path, *(f"{k}={v}" for k, v in self.headers.items())])
        self.seen.update(word for word in (*PLANTED.values(), ROTATED) if word in shown)
        said = f"your key {shown} is Error Message apikey wrong"
        body = json.dumps({"Error Message": said, "error": said, "message": said}).encode()
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


PLANTED = {
    "massive": "canary-environment-1a2b",
    "alpha_vantage": "canary-file-3c4d",
    "grok": "canary-aws-5e6f",
    "sonar": "canary-aws-previous-7a8b",
    "key_id": "canary-aws-id-9c0d",
    "secret_key": "canary-aws-word-1e2f",
}

ROTATED = "canary-file-rotated-5a6b"


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """The address of moto's server."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - it takes a second to import

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def operator(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client as an operator has one; what it made is gone after the test."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    import boto3  # type: ignore[import-untyped] # noqa: PLC0415

    client = boto3.client("secretsmanager", region_name="eu-central-1", endpoint_url=moto_url)
    yield client
    for secret in client.list_secrets(IncludePlannedDeletion=True)["SecretList"]:
        client.delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)
    client.close()


@pytest.fixture
def parrot() -> Iterator[tuple[str, set[str]]]:
    seen: set[str] = set()
    handler = type("Parrot", (_Parrot,), {"seen": seen})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_settings(folder: Path, parrot_url: str, moto_url: str) -> None:
    key = folder / "alpha-vantage.key"
    key.write_text(PLANTED["alpha_vantage"] + "\n")
    key.chmod(0o600)
    vendors = "".join(
        f"sources.{name}.base_url = '{parrot_url}'\n"
        for name in ("massive", "alpha_vantage", "grok", "sonar")
    )
    (folder / "argo.toml").write_text(
        vendors + f"alpaca.base_url = '{parrot_url}'\n"
        f"sources.alpha_vantage.key_file = '{key}'\n"
        "yfinance.enabled = false\n"
        "consensus.beat_s = 0.2\n"
        "[secrets.aws]\n"
        f"region = 'eu-central-1'\nendpoint_url = '{moto_url}'\n"
        "places = ['sources.grok.key = argo/grok', 'sources.sonar.key = argo/sonar',"
        " 'alpaca.key_id = argo/alpaca#key_id', 'alpaca.secret_key = argo/alpaca#secret_key']\n"
    )


def environment(**more: str) -> dict[str, str]:
    plain = dict(os.environ)  # noqa: TID251 - a process needs one
    kept = {name: value for name, value in plain.items() if not name.startswith("ARGO_")}
    own = {"ARGO_LISTEN__PORT": "0", "ARGO_SOURCES__MASSIVE__KEY": PLANTED["massive"]}
    # Spans are written among the log lines, so that they are searched as well.
    traced = {"ARGO_TRACING__EXPORTER": "console"}
    return kept | CREDENTIALS | own | traced | {"PYTHONUNBUFFERED": "1"} | more


def get(address: str, path: str) -> str:
    try:
        with urllib.request.urlopen(address + path, timeout=10) as reply:  # noqa: S310 - loopback
            return str(reply.headers) + reply.read().decode()
    except urllib.error.HTTPError as error:
        return str(error.headers) + error.read().decode()


@pytest.mark.timed
def test_planted_keys_come_out_nowhere(
    tmp_path: Path, parrot: tuple[str, set[str]], operator: Any, moto_url: str
) -> None:
    url, seen = parrot
    operator.create_secret(Name="argo/grok", SecretString=PLANTED["grok"])
    operator.create_secret(Name="argo/sonar", SecretString=PLANTED["sonar"])
    operator.put_secret_value(SecretId="argo/sonar", SecretString="canary-aws-current-3b4c")
    pair = json.dumps({name: PLANTED[name] for name in ("key_id", "secret_key")})
    operator.create_secret(Name="argo/alpaca", SecretString=pair)
    write_settings(tmp_path, url, moto_url)
    clock = SystemClock()
    with (tmp_path / "err").open("w") as err:
        service = subprocess.Popen(  # noqa: S603 - our own command
            [*ARGO, "serve"],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
        )
        try:
            address = _address(service)
            deadline = clock.monotonic() + PATIENCE_S
            # Sonar refuses the current key as well, so the one before was shown too.
            while seen < set(PLANTED.values()) and clock.monotonic() < deadline:
                assert service.poll() is None, (tmp_path / "err").read_text()[-2000:]
                get(address, "/api/v1/health?level=deep")
            assert seen == set(PLANTED.values())
            # A key that is rotated while it runs is shown soon, and comes out no more than others.
            rotated = tmp_path / "rotated"
            rotated.write_text(ROTATED + "\n")
            rotated.chmod(0o600)
            rotated.rename(tmp_path / "alpha-vantage.key")
            service.send_signal(signal.SIGHUP)
            while ROTATED not in seen and clock.monotonic() < deadline:
                assert service.poll() is None, (tmp_path / "err").read_text()[-2000:]
                get(address, "/api/v1/health?level=deep")
            assert ROTATED in seen
            limits = Path(f"/proc/{service.pid}/limits").read_text()
            paths = ("/api/v1/health?level=deep", "/metrics", "/api/v1/sources", "/", "/nowhere")
            answered = "".join(get(address, path) for path in paths)
            service.send_signal(signal.SIGTERM)
            rest, _ = service.communicate(timeout=PATIENCE_S)
            assert service.returncode == Exit.DONE
        finally:
            service.kill()
            service.communicate()
    assert limits.split("Max core file size")[1].split()[:2] == ["0", "0"]
    assert "argo_vendor_key_refusals_total" in answered
    assert CANARY not in answered + rest
    doctor = subprocess.run(  # noqa: S603 - our own command
        [*ARGO, "doctor", "--json"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert json.loads(doctor.stdout)
    assert CANARY not in doctor.stdout + doctor.stderr
    said = (tmp_path / "err").read_text()
    assert '"event": "key_refused"' in said
    assert '"name": "cycle"' in said
    assert '"name": "ask"' in said
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    found = {p.name for p in kept if CANARY.encode() in p.read_bytes()}
    # Where we put one it is, and nowhere else: no log, no database, no journal.
    assert found == {"alpha-vantage.key"}


def _address(service: "subprocess.Popen[str]") -> str:
    assert service.stdout is not None
    for line in service.stdout:
        if line.startswith("Argo answers on "):
            return line.split()[-1]
    raise AssertionError("it ended without answering")


def test_a_start_without_its_store_is_refused_and_says_why(tmp_path: Path, moto_url: str) -> None:
    write_settings(tmp_path, "http://127.0.0.1:1", "http://127.0.0.1:1")
    done = subprocess.run(  # noqa: S603 - our own command
        [*ARGO, "serve"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == Exit.SECRET_UNREAD
    assert "sources.grok.key: AWS cannot be reached" in done.stderr
    assert "endpoint_url" in done.stderr
    assert CANARY not in done.stderr + done.stdout
    assert not (tmp_path / "argo.sqlite3").exists()


def test_a_process_that_crashes_leaves_no_core() -> None:
    script = (
        "import ctypes, os, resource\n"
        "from argo_service.sealed_process import forbid_cores, seal_process\n"
        "hard = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))\n"
        "forbid_cores()\n"
        "assert seal_process()\n"
        "assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0, 'it may be dumped'\n"
        "assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)\n"
        "os.abort()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE)  # noqa: S603
    assert process.stderr is not None
    _, status = os.waitpid(process.pid, 0)
    said = process.stderr.read().decode()
    process.stderr.close()
    process.returncode = 0
    assert os.WIFSIGNALED(status), said
    assert os.WTERMSIG(status) == signal.SIGABRT
    assert not os.WCOREDUMP(status)
