"""`argo export`: the record as static files, under the paths by which it is served."""

import argparse
import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from argo_adapters.keys.ed25519 import verify_ed25519
from argo_core.errors import InvalidInput
from argo_core.ledger.checkpoint import open_checkpoint
from argo_core.ledger.verifier_key import VerifierKey, parse_verifier_key
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import complain, write_json, write_line
from argo_service.config.tree import Settings
from argo_service.exporting.export import Exported, export
from argo_service.exporting.files import Files, open_files
from argo_service.exporting.log_file import open_log_file
from argo_service.exporting.log_tables import open_log_tables
from argo_service.parts import Readable
from argo_service.record_keys import known_signer
from argo_service.settings import read_configuration


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "The record as static files for any file server: checkpoint, tiles and entry bundles, each"
        " checked against the checkpoint before it is written. A folder that was exported to before"
        " is gone on with. The service may run meanwhile."
    )
    add = command.add_argument
    add("folder", type=Path, metavar="DIR", help="where to; made if it is not there")
    add(
        "--pending",
        action="store_true",
        help="up to the newest checkpoint, cosigned or not (default: the newest cosigned one)",
    )
    add("--proofs", action="store_true", help="with a proof file for every entry")
    add(
        "--log-key",
        metavar="KEY",
        help="the log's key, such as argo.example/log+1a2b3c4d+AbCd... (default: the key file's)",
    )
    add("--json", action="store_true", help="for machines")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    if given.folder.exists() and not given.folder.is_dir():
        problem = f"{given.folder} is not a folder"
        raise InvalidInput("DIR", problem, "name a folder, or one that is to be made")
    settings = read_configuration(given.config).settings
    key = _key(given, settings)
    if key is None:
        complain("no key is at hand, so the checkpoint's signature is not checked; see --log-key")
    with open_files(given.folder) as files:
        done = asyncio.run(_export(settings, key, files, given))
    if given.json:
        write_json(done)
    else:
        counts = f"{done.written} files written, {done.kept} there already"
        write_line(f"{given.folder}: {done.size} entries, root {done.root}; {counts}")
    return Exit.DONE


def _key(given: argparse.Namespace, settings: Settings) -> VerifierKey | None:
    if given.log_key is None:
        signer = known_signer(settings)
        return None if signer is None else signer.key
    try:
        return parse_verifier_key(given.log_key.strip())
    except InvalidInput as error:
        raise InvalidInput("--log-key", error.problem, error.fix) from error


async def _export(
    settings: Settings, key: VerifierKey | None, files: Files, given: argparse.Namespace
) -> Exported:
    async with _log(settings) as log:
        note = await log.checkpoint(cosigned=not given.pending)
        if note is None:
            problem = "there is none yet" if given.pending else "nobody has cosigned one yet"
            fix = "wait for one, or export what is not cosigned with --pending"
            raise InvalidInput("checkpoint", problem, fix)
        if key is not None:
            open_checkpoint(note.encode(), key, verify_ed25519)
        return await export(log, note, files, proofs=given.proofs)


def _log(settings: Settings) -> AbstractAsyncContextManager[Readable]:
    url = settings.log.database_url
    return open_log_file(settings.database) if url is None else open_log_tables(url.reveal())
