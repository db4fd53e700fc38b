"""The page's commands for a log in PostgreSQL: dumped, restored on another server, verified."""

import asyncio
import re
import shlex
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

import pytest
from attrs import evolve

from argo_adapters.keys.ed25519 import verify_ed25519
from argo_adapters.postgres.launcher import NoServer, private_server
from argo_adapters.postgres.programs import find_programs
from argo_adapters.postgres.roles import Roles, make_roles
from argo_adapters.postgres.verify import verify
from argo_core.errors import LogBehind
from argo_core.resilience.secret import Secret

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "back-up-and-restore.md"
PATIENCE_S = 60.0


def commands(verb: str) -> list[str]:
    """The page's commands that begin so."""
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith(verb)]


@pytest.fixture
def programs(lacking: Callable[[str], NoReturn]) -> Path:
    """The folder with PostgreSQL's programs; skips where some are missing, and fails in CI."""
    found = find_programs()
    if found is None:
        lacking("neither this machine nor the extra `postgresql` has a server, 15 or later")
    for name in ("pg_dump", "pg_restore"):
        if not (found / name).is_file():
            lacking(f"there is no {name} beside the server")
    return found


@pytest.fixture
async def servers(
    programs: Path, lacking: Callable[[str], NoReturn]
) -> AsyncIterator[tuple[str, str]]:
    """The addresses of two servers' superusers: one that is dumped, and one to restore to."""
    stack, found = ExitStack(), []
    try:
        for _ in range(2):
            context = private_server(programs=programs)
            server = await asyncio.to_thread(stack.enter_context, context)
            if isinstance(server, NoServer):
                lacking(server.problem)
            found.append(server.url)
        yield found[0], found[1]
    finally:
        await asyncio.to_thread(stack.close)


def run(command: str, programs: Path, folder: Path, roles: Roles) -> None:
    """Run it as an operator would, the owner's password in a file of its own."""
    owner = urlsplit(roles.owner_url)
    secrets = folder / "pgpass"
    secrets.unlink(missing_ok=True)
    secrets.touch(0o600)
    secrets.write_text(f"*:*:*:{owner.username}:{unquote(owner.password or '')}\n")
    bare = owner._replace(netloc=f"{owner.username}@{owner.netloc.rpartition('@')[2]}").geturl()
    line = " ".join(shlex.quote(word.replace("$OWNER", bare)) for word in shlex.split(command))
    done = subprocess.run(  # noqa: S602 - a command of our own page
        line,
        shell=True,
        cwd=folder,
        env={"PATH": f"{programs}:/usr/bin:/bin", "PGPASSFILE": str(secrets)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def in_database(argo: Any, roles: Roles) -> Any:
    """The same service, with its log there."""
    urls = {"database_url": Secret(roles.app_url), "owner_url": Secret(roles.owner_url)}
    return evolve(argo, settings=evolve(argo.settings, log=evolve(argo.settings.log, **urls)))


async def cosigned(argo: Any, count: int) -> None:
    async with argo.running() as (log, publication, watching):
        await argo.write(log, count)
        publication.offer()
        await asyncio.wait_for(watching.cosigned.wait(), 20)


async def size_of(argo: Any, roles: Roles) -> int:
    """How many entries the restored log has, all of them verified."""
    async with argo.running() as (log, _, _watching):
        key = log.key
    found = await verify(roles.app_url, key, verify_ed25519)
    assert found.problems == ()
    return found.size


async def test_a_dump_is_restored_on_another_server_and_goes_on(
    argo: Any, servers: tuple[str, str], programs: Path, tmp_path: Path
) -> None:
    (dump,), (restore,) = commands("pg_dump"), commands("pg_restore")
    first, second = [await make_roles(url, "argo") for url in servers]
    here, there = in_database(argo, first), in_database(argo, second)
    await cosigned(here, 5)
    await asyncio.to_thread(run, dump, programs, tmp_path, first)

    await asyncio.to_thread(run, restore, programs, tmp_path, second)
    assert await size_of(there, second) == 5
    await cosigned(there, 2)
    assert await size_of(there, second) == 7


async def test_a_dump_from_before_what_a_witness_has_seen_is_refused(
    argo: Any, servers: tuple[str, str], programs: Path, tmp_path: Path
) -> None:
    (dump,), (restore,) = commands("pg_dump"), commands("pg_restore")
    first, second = [await make_roles(url, "argo") for url in servers]
    here, there = in_database(argo, first), in_database(argo, second)
    await cosigned(here, 3)
    await asyncio.to_thread(run, dump, programs, tmp_path, first)
    await cosigned(here, 3)

    await asyncio.to_thread(run, restore, programs, tmp_path, second)
    with pytest.raises(LogBehind, match="has cosigned 6 entries, and 3 are here"):
        async with there.running():
            pass
