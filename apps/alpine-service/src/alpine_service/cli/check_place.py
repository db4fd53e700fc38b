"""What the doctor looks at on this machine: folder, keys, disk, address, mail."""

import asyncio
import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from alpine_service.adapters.disk_probe import DiskProbe
from alpine_service.adapters.mail.message import read_sender
from alpine_service.adapters.mail.smtp import read_server
from alpine_service.adapters.mail.smtp_greeting import greet
from alpine_service.adapters.secrets.vault import FILE as VAULT
from alpine_service.cli.seen import Seen, bad, fine, poor, seen
from alpine_service.errors import AlpineError
from alpine_service.settings import Settings
from alpine_service.wiring.accounts import MAIL_FOLDER
from alpine_service.wiring.keys import known_witness, witness_key_path

_OTHERS = 0o077
_FIRST_START = "it is made at the first start"


def look_at_place(settings: Settings) -> Iterator[Seen]:
    """All of it that needs no waiting for others; blocking."""
    yield _folder(settings.folder)
    yield _witness_key(settings)
    yield _vault(settings.folder / VAULT)
    # The folder may not be there yet; what it will be on is.
    place = settings.folder.absolute()
    yield asyncio.run(_disk(next(one for one in (place, *place.parents) if one.exists())))
    yield _address(settings)


def _folder(folder: Path) -> Seen:
    if not folder.exists():
        return fine("folder", f"{folder}: {_FIRST_START}")
    if not folder.is_dir():
        return bad("folder", f"{folder} is no folder", "name another in ALPINE_FOLDER")
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o022:
        return bad("folder", f"{folder}: others may write to it", f"chmod go-w {folder}")
    return fine("folder", f"{folder}, mode {mode:o}")


def _witness_key(settings: Settings) -> Seen:
    path = witness_key_path(settings)
    try:
        key = known_witness(settings)
    except AlpineError as error:
        return bad("witness key", str(error), f"see to {path}")
    return fine("witness key", f"{path}: {_FIRST_START}" if key is None else str(key))


def _vault(path: Path) -> Seen:
    if not path.exists():
        return fine("vault", f"{path}: {_FIRST_START}")
    if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        return bad("vault", f"{path}: others may read it", f"chmod 600 {path}")
    return fine("vault", f"{path}, for us alone")


async def _disk(there: Path) -> Seen:
    found = await DiskProbe(there).check()
    free = int(found.facts.get("free_bytes") or 0) // 2**20
    if found.problem is not None:
        return poor("disk", f"{there}: {found.problem}, {free} MiB are free", "free some space")
    return fine("disk", f"{there}: {free} MiB are free")


def _address(settings: Settings) -> Seen:
    parts = urlsplit(settings.public_url)
    if parts.scheme == "https":
        return fine("address", settings.public_url)
    if parts.hostname is not None and _is_here(parts.hostname):
        return fine("address", f"{settings.public_url}, for this machine only")
    problem = f"{settings.public_url}: passwords and keys would travel in the clear"
    fix = "put a proxy that speaks TLS in front, and give its https: address in ALPINE_PUBLIC_URL"
    return bad("address", problem, fix)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def look_at_mail(settings: Settings) -> Seen:
    """Whether mails can leave; no mail is sent."""
    mail = settings.mail
    fix = "see to ALPINE_MAIL_URL and the server it names"

    async def look() -> Seen:
        read_sender(mail.sender)
        if mail.url is None:
            folder = settings.folder / MAIL_FOLDER
            fix = "name a mail server in ALPINE_MAIL_URL"
            return poor("mail", f"no server is set: mails are laid down in {folder}", fix)
        if mail.url.startswith("file:"):
            folder = Path(unquote(urlsplit(mail.url).path))
            return poor("mail", f"mails are laid down in {folder}", "that is for trying it out")
        server = read_server(mail.url)
        await greet(server)
        return fine("mail", f"{server.host}:{server.port} lets us in")

    return await seen("mail", fix, look)
