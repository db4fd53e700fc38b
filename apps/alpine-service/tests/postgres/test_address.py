"""What a database's URL says; and the way to another machine is protected unless it says not."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from ssl import CERT_NONE, CERT_REQUIRED, SSLContext

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alpine_service.adapters.postgres.address import address_of
from alpine_service.adapters.postgres.link import Connection, connected
from alpine_service.errors import DatabaseAway, InvalidSetting
from alpine_service.testing.postgres import TestServer, open_folder

FAR = "postgresql://somebody:secret@db.example:5433/alpine"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://somebody:secret@host/alpine",
        "postgresql://some@body:secret@host/alpine",
        "postgresql://somebody:sec[ret@host/alpine",
        "postgresql://somebody:secret@host/alpine?sslmode",
        "postgresql://somebody:secret@host:port/alpine",
        "postgresql://somebody:secret@localhost:1,other:port/alpine",
        FAR,
        f"{FAR}?sslmode=prefer",
        f"{FAR}?sslmode=secret",
        f"{FAR}?sslmode=verify-full&sslrootcert=/no/such/secret",
    ],
)
async def test_what_cannot_be_meant_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidSetting, match="ALPINE_DATABASE_URL") as refused:
        await address_of(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("postgresql://somebody:secret@127.0.0.1:5433/alpine", "127.0.0.1:5433/alpine"),
        ("postgresql://somebody:secret@[::1]:5433/alpine", "[::1]:5433/alpine"),
        ("postgresql://somebody:secret@/alpine?host=/run/pg", "/run/pg/alpine"),
        ("postgres:///alpine", "localhost/alpine"),
    ],
)
async def test_what_is_here_needs_no_encryption(url: str, label: str) -> None:
    address = await address_of(url)
    assert (address.label, address.tls) == (label, False)
    assert "secret" not in repr(address)


async def test_a_network_of_ones_own_may_be_trusted() -> None:
    address = await address_of(f"{FAR}?sslmode=disable&application_name=x")
    assert (address.tls, address.dsn) == (False, f"{FAR}?application_name=x")


@pytest.mark.parametrize(
    ("mode", "verifies", "checks_name"),
    [
        ("require", CERT_NONE, False),
        ("verify-ca", CERT_REQUIRED, False),
        ("verify-full", CERT_REQUIRED, True),
    ],
)
async def test_each_mode_is_as_strict_as_its_name(
    mode: str, verifies: int, checks_name: bool
) -> None:
    tls = (await address_of(f"{FAR}?sslmode={mode}")).tls
    assert isinstance(tls, SSLContext)
    assert (tls.verify_mode, tls.check_hostname) == (verifies, checks_name)


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for the loopback address, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / f"{name}.crt", folder / f"{name}.key"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return crt, pem


@pytest.fixture
def papers(postgres_server: TestServer) -> Iterator[tuple[Path, Path]]:
    """The server's certificate and key, for it alone to read."""
    with open_folder() as folder:
        crt, key = certificate(folder, "server")
        key.chmod(0o600)
        if os.geteuid() == 0:
            owner = Path(f"/proc/{postgres_server.server.pid}").stat()
            os.chown(key, owner.st_uid, owner.st_gid)
        yield crt, key


@pytest.fixture
async def encrypting(
    postgres_server: TestServer, papers: tuple[Path, Path]
) -> AsyncIterator[tuple[str, Path]]:
    """The URL of a server that can encrypt, without a mode, and the certificate to trust."""
    plain, (crt, key) = postgres_server.server.url, papers
    async with connected(plain) as superuser:
        for name, value in {"ssl_cert_file": crt, "ssl_key_file": key, "ssl": "on"}.items():
            await superuser.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        await reload(superuser)
    try:
        yield plain.partition("?")[0], crt
    finally:
        async with connected(plain) as superuser:
            await superuser.execute("ALTER SYSTEM RESET ALL")
            await reload(superuser)


async def reload(superuser: Connection) -> None:
    before = await superuser.fetchval("SELECT pg_conf_load_time()")
    await superuser.execute("SELECT pg_reload_conf()")
    while await superuser.fetchval("SELECT pg_conf_load_time()") == before:
        await superuser.execute("SELECT pg_sleep(0.001)")


async def is_encrypted(url: str) -> bool:
    async with connected(url) as connection:
        own = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        return bool(await connection.fetchval(own))


async def test_a_server_is_trusted_by_the_certificate_that_was_given(
    encrypting: tuple[str, Path], tmp_path: Path
) -> None:
    url, crt = encrypting
    assert await is_encrypted(f"{url}?sslmode=verify-full&sslrootcert={crt}")
    assert await is_encrypted(f"{url}?sslmode=require")
    own, key = certificate(tmp_path, "client")
    assert await is_encrypted(f"{url}?sslmode=require&sslcert={own}&sslkey={key}")
    with pytest.raises(DatabaseAway, match="CERTIFICATE_VERIFY_FAILED"):
        await is_encrypted(f"{url}?sslmode=verify-full&sslrootcert={own}")
    with pytest.raises(DatabaseAway, match="CERTIFICATE_VERIFY_FAILED"):
        await is_encrypted(f"{url}?sslmode=verify-ca&sslrootcert={own}")


async def test_encryption_that_the_url_asks_for_is_not_left_out(
    postgres_server: TestServer,
) -> None:
    url = postgres_server.server.url.replace("sslmode=disable", "sslmode=require")
    with pytest.raises(DatabaseAway, match="SSL"):
        await is_encrypted(url)
