"""`argo replay`: a recorded run once more, which has to write the same record to the byte."""

import argparse
from pathlib import Path
from typing import Any

from argo_adapters.keys.reveal_key_file import read_reveal_key
from argo_core.errors import ArgoError, InvalidInput
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import complain, write_json, write_line
from argo_service.fingerprint import code_sha256
from argo_service.replaying import Replayed, replay_file, root_text

WIDEST = 300


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Play a recording through a fresh engine's desk and compare every entry it writes with what"
        " was written then. Exit code 0: the same to the byte; 1: not the same, and the first"
        " entry that differs is shown; 2: it could not be checked."
    )
    add = command.add_argument
    add("recording", type=Path, metavar="FILE", help="what `argo tape record` wrote")
    add("--log", type=Path, metavar="FILE", help="the log's file, to compare with that as well")
    add("--reveal-key", type=Path, metavar="FILE", help="the key that its signals were sealed with")
    add("--partial", action="store_true", help="play what there is of a recording that was cut off")
    add("--json", action="store_true", help="for machines")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """0 for the same, 1 for a difference, 2 for what could not be checked."""
    try:
        if given.log is not None and not given.log.exists():
            raise InvalidInput(
                "--log", f"there is no log at {given.log}", "name the file of the log"
            )
        key = None if given.reveal_key is None else read_reveal_key(given.reveal_key)
        found = replay_file(given.recording, partial=given.partial, log=given.log, reveal_key=key)
        told = _told(found)
    except ArgoError as error:
        complain(str(error))
        return Exit.UNCHECKED
    if given.json:
        write_json(told)
    else:
        _say(found, told, given.log)
    if found.difference is not None:
        return Exit.REFUTED
    return Exit.UNCHECKED if found.missing is not None and not given.partial else Exit.GOOD


def _told(found: Replayed) -> dict[str, Any]:
    different = found.difference
    return {
        "origin": found.about.origin.value,
        "log": found.about.log,
        "strategy": found.about.strategy,
        "same_code": found.about.code_sha256 == code_sha256(),
        "inputs": found.inputs,
        "first": found.first,
        "entries": found.entries,
        "size": found.size,
        "root": root_text(found),
        "missing": found.missing,
        "unwritten": found.unwritten,
        "difference": None
        if different is None
        else {
            "index": different.index,
            "members": [
                {"name": name, "recorded": before, "replayed": after}
                for name, before, after in different.members()
            ],
        },
    }


def _say(found: Replayed, told: dict[str, Any], log: Path | None) -> None:
    write_line(f"{told['log']}, {told['strategy']}, {told['origin']}: {found.inputs} inputs")
    if not told["same_code"]:
        write_line("recorded by another version of the code")
    root = "its beginning is not at hand; --log has it" if found.root is None else told["root"]
    write_line(f"{found.entries} entries the same, to size {found.size}, root {root}")
    against = "the recording" if log is None else f"the recording and {log}"
    if found.difference is not None:
        write_line(f"DIFFERENT: entry {found.difference.index} is not as in {against}")
        for member in told["difference"]["members"]:
            for when in ("recorded", "replayed"):
                write_line(f"  {member['name']} {when}: {member[when][:WIDEST]}")
        return
    if found.unwritten:
        write_line(f"{found.unwritten} more entries were never taken by the log")
    if found.missing is not None:
        write_line(f"INCOMPLETE: {found.missing}")
    write_line(f"identical to {against}, byte for byte")
