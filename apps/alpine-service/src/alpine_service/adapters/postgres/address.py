"""Where a database is, as its URL says, and how the way to it is protected."""

import asyncio
import ssl
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import field, frozen

from alpine_service.errors import InvalidSetting

SETTING = "ALPINE_DATABASE_URL"
URL_FIX = "give postgresql://user:password@host:5432/database, with %40 for an @ in the password"
_SCHEMES = {"postgresql", "postgres"}
_HERE = {"", "localhost", "127.0.0.1", "::1"}
_MODES = ("disable", "require", "verify-ca", "verify-full")
_FILES = ("sslrootcert", "sslcert", "sslkey")


@frozen
class Address:
    """`label` may be shown; `dsn` has the password, and what the driver makes of the rest."""

    label: str
    dsn: str = field(repr=False)
    tls: ssl.SSLContext | bool = field(repr=False)


async def address_of(url: str) -> Address:
    """What the URL says, in libpq's words; certificates are read once, in a thread.

    Another machine is not spoken to in the clear unless the URL says so. The modes that leave it
    to chance, `prefer` and `allow`, are refused.

    Raises:
        InvalidSetting: it is malformed, names no mode, or names files that cannot be used; the
            message has nothing of it, because a password may be anywhere in what is malformed.
    """
    try:
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        spelt = parts.netloc.rpartition("@")[2] or asked.get("host", "")
        hosts = [_host(one) for one in spelt.split(",")]
    except ValueError:
        raise InvalidSetting(SETTING, "it is malformed", URL_FIX) from None
    if parts.scheme not in _SCHEMES or parts.netloc.count("@") > 1:
        raise InvalidSetting(SETTING, "it is malformed", URL_FIX)
    is_here = all(one in _HERE or one.startswith("/") for one in hosts)
    mode = asked.pop("sslmode", "disable" if is_here else None)
    files = {name: asked.pop(name) for name in _FILES if name in asked}
    if mode not in _MODES:
        fix = "add ?sslmode=verify-full, or disable where the network is yours alone"
        raise InvalidSetting(SETTING, "it does not say how the way is protected", fix)
    tls = False if mode == "disable" else await asyncio.to_thread(_context, mode, files)
    dsn = parts._replace(query=urlencode(asked)).geturl()
    return Address(f"{spelt or 'localhost'}{parts.path}", dsn, tls)


def _host(spelt: str) -> str:
    if spelt.startswith("/"):
        return spelt
    parts = urlsplit(f"//{spelt}")
    # A port that is none is an error here, and would be one later.
    _ = parts.port
    return parts.hostname or ""


def _context(mode: str, files: dict[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=files.get("sslrootcert"))
        context.check_hostname = mode == "verify-full"
        if mode == "require" and "sslrootcert" not in files:
            context.verify_mode = ssl.CERT_NONE
        if "sslcert" in files:
            context.load_cert_chain(files["sslcert"], files.get("sslkey"))
    except OSError as error:
        problem = f"its certificates cannot be used: {error.strerror or error}"
        raise InvalidSetting(SETTING, problem, "see to sslrootcert, sslcert and sslkey") from None
    return context
