"""`argo log key|rebuild`: the key to pin, and the tables that are searched."""

import argparse
import asyncio

from argo_core.errors import InvalidSetting
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import write_json, write_line
from argo_service.record import rebuild_read_model
from argo_service.record_keys import KEY_FILE, key_file, known_signer
from argo_service.settings import read_configuration


def configure(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    showing = actions.add_parser("key", help="the public key to pin, once the log has one")
    showing.add_argument("--json", action="store_true", help="for machines")
    showing.set_defaults(run=_key)
    rebuilding = actions.add_parser(
        "rebuild", help="make what is searched anew from the record, while nobody writes"
    )
    rebuilding.set_defaults(run=_rebuild)


def _key(given: argparse.Namespace) -> int:
    settings = read_configuration(given.config).settings
    signer = known_signer(settings)
    if signer is None:
        # Made here it would be the key of a log that nobody has begun, and pinned in vain.
        problem = f"there is no key yet at {key_file(settings)}"
        fix = "a log's first start makes it; --config or log.key_file may name another log's"
        raise InvalidSetting(KEY_FILE, problem, fix)
    if given.json:
        write_json({"log": signer.key.name, "key": str(signer.key), "file": key_file(settings)})
    else:
        write_line(str(signer.key))
    return Exit.DONE


def _rebuild(given: argparse.Namespace) -> int:
    signals = asyncio.run(rebuild_read_model(read_configuration(given.config).settings))
    write_line(f"{signals} signals can be searched; the record itself was only read")
    return Exit.DONE
