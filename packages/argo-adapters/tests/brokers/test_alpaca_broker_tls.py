"""No key is shown to a host that cannot prove its name."""

import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from argo_adapters.brokers.alpaca.broker import AlpacaBroker
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_core.errors import BrokerAway

pytest.importorskip("alpaca", reason="the extra argo-adapters[alpaca] is not installed")

pytestmark = pytest.mark.oracle


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that nobody has vouched for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "server.pem"
    path.write_bytes(certificate.public_bytes(encoding) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.fixture
async def broker(context: ssl.SSLContext) -> AsyncIterator[tuple[AlpacaBroker, list[str]]]:
    asked: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response([])

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", listen)
    server = TestServer(app, scheme="https", host="localhost")
    await server.start_server(ssl=context)
    settings = AlpacaBrokerSettings(
        "key", "secret", f"https://localhost:{server.port}", timeout_s=5, backoff_s=0.05
    )
    broker = AlpacaBroker(settings, SystemClock(), turnstile=OpenTurnstile())
    yield broker, asked
    await broker.aclose()
    await server.close()


async def test_an_unproven_host_is_asked_nothing(
    broker: tuple[AlpacaBroker, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    alpaca, asked = broker
    with pytest.raises(BrokerAway, match="SSLError"):
        await alpaca.account()
    async with aclosing(alpaca.updates()) as updates:
        with pytest.raises(TimeoutError):
            async with SystemClock().timeout(1.5):
                await anext(updates)
    assert asked == []
    assert "SSLCertVerificationError" in caplog.text
