"""`argo verify`: what a sceptic runs on a log, a proof file, an export or a served log."""

import argparse
import asyncio
import math
import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from argo_adapters.clocks.system import SystemClock
from argo_adapters.keys.ed25519 import verify_ed25519
from argo_core.errors import InvalidInput, RecordError, Unchecked
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.policy import Policy
from argo_core.ledger.proof_file import MAX_FILE_BYTES
from argo_core.ledger.verdict import Report, Verdict, failed
from argo_core.ports import Clock
from argo_core.resilience.secret import Secret
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import hush, write_json, write_line
from argo_service.record_keys import known_signer
from argo_service.settings import read_configuration
from argo_service.verifying.folder_shelf import read_start
from argo_service.verifying.kept import keep, read_kept
from argo_service.verifying.pinned import pinned
from argo_service.verifying.proof import check_proof, needed, read_opening
from argo_service.verifying.targets import check_file, check_folder, check_served, check_tables
from argo_service.verifying.walk import MAX_ENTRIES, Reader, Walked
from argo_service.witnessing import policy_of

PATIENCE_S = 3_600.0
_SQLITE = b"SQLite format 3\0"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_CODES = {
    Verdict.GOOD: Exit.GOOD,
    Verdict.REFUTED: Exit.REFUTED,
    Verdict.UNCHECKED: Exit.UNCHECKED,
}


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Check a log's file, one entry's proof file, an exported folder or a served log, and say"
        " what was proved and what was not. Nothing is believed but the keys you pin."
    )
    add = command.add_argument
    add("target", nargs="?", help="a file, a folder or an address (default: the log in force)")
    add("--log-key", metavar="KEY", help="the log's key, such as argo.example/log+1a2b3c4d+AbCd...")
    add(
        "--witness-key",
        action="append",
        default=[],
        metavar="KEY",
        help="a witness's key; may be given several times",
    )
    add("--quorum", type=int, metavar="N", help="how many witnesses are needed (default: all)")
    add("--policy", type=Path, metavar="FILE", help="keys and quorum in a file instead")
    add("--entry", type=Path, metavar="FILE", help="the entry that a proof file is about")
    add("--body", type=Path, metavar="FILE", help="what a commit entry commits to")
    add("--nonce", metavar="NONCE", help="the nonce that goes with it, hexadecimal or base64")
    add("--since", type=Path, metavar="FILE", help="an earlier checkpoint; it must be a beginning")
    add(
        "--remember",
        type=Path,
        metavar="FILE",
        help="compare with the checkpoint kept there, then keep the new one",
    )
    add("--max-entries", type=int, default=MAX_ENTRIES, metavar="N", help="read no longer log")
    add("--patience", type=float, default=PATIENCE_S, metavar="SECONDS", help="give up after that")
    add("--json", action="store_true", help="for machines")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """0 for good, 1 for refuted, 2 for all that could not be checked."""
    try:
        report = _checked(given)
    except RecordError as error:
        report = failed(error)
    except KeyboardInterrupt:
        # Elsewhere that is a wish fulfilled; here it must not be taken for a yes.
        report = failed(Unchecked("it was stopped"))
    try:
        _say(report, as_json=given.json)
    except BrokenPipeError:
        hush()
    return _CODES[report.verdict]


def _checked(given: argparse.Namespace) -> Report:
    if not (0 < given.patience < math.inf):
        problem = f"{given.patience:g} is no time to wait"
        raise InvalidInput("--patience", problem, "give seconds above 0")
    policy = pinned(given.log_key, given.witness_key, given.quorum, given.policy)
    target = given.target
    if target is None:
        return _in_force(given, policy)
    if _is_address(target):
        return _log(given, check_served, target, _needed(policy))
    path = Path(target)
    if path.is_dir():
        return _log(given, check_folder, path, _needed(policy))
    start = read_start(path, len(_SQLITE))
    if start is None:
        raise Unchecked(f"there is no file {path}")
    if start == _SQLITE:
        return _log(given, check_file, path, policy)
    return _entry(given, path, _needed(policy))


def _is_address(target: str) -> bool:
    """Whether it is an HTTP address; what looks like another address is not taken for a path.

    Raises:
        InvalidInput: it is neither an HTTP address nor a path.
    """
    if not target.strip():
        fix = "name a file, a folder or an address, or leave it out for the log in force"
        raise InvalidInput("TARGET", "it is empty", fix)
    scheme = _SCHEME.match(target)
    if scheme is None:
        return False
    if scheme[1].lower() not in {"http", "https"}:
        fix = "give an address such as https://argo.example, or a path"
        raise InvalidInput("TARGET", f"{scheme[1]} is not a way to read a log", fix)
    return True


def _in_force(given: argparse.Namespace, policy: Policy | None) -> Report:
    """The log of the settings, by the keys of the settings where none are pinned."""
    settings = read_configuration(given.config).settings
    signer = known_signer(settings) if policy is None else None
    if signer is not None:
        policy = policy_of(settings, signer.key)
    url = settings.log.database_url
    if url is None:
        return _log(given, check_file, settings.database, policy)
    return _log(given, check_tables, url, policy)


def _log(
    given: argparse.Namespace,
    check: Callable[[Any, Reader, Clock, float], Coroutine[Any, Any, Walked]],
    target: Path | str | Secret,
    policy: Policy | None,
) -> Report:
    _refuse(given, ("entry", "body", "nonce"), "a whole log is checked")
    if policy is None:
        _refuse(given, ("since", "remember"), "no --log-key says whose checkpoint it is")
    kept = () if policy is None else tuple(_kept(given, policy))
    reader = Reader(policy, verify_ed25519, kept, given.max_entries)
    walked = asyncio.run(check(target, reader, SystemClock(), given.patience))
    if given.remember is None or walked.note is None:
        return walked.report
    if walked.report.verdict is Verdict.GOOD:
        keep(given.remember, walked.note)
    elif walked.report.verdict is Verdict.REFUTED:
        # What the log signed against itself must not be lost, nor take the place of the other.
        evidence = given.remember.with_name(given.remember.name + ".refuted")
        keep(evidence, walked.note)
        problems = (*walked.report.problems, f"the checkpoint shown is kept in {evidence}")
        return evolve(walked.report, problems=problems)
    return walked.report


def _kept(given: argparse.Namespace, policy: Policy) -> Iterator[Checkpoint]:
    if given.since is not None:
        since = read_kept(given.since, policy.log, verify_ed25519)
        if since is None:
            raise Unchecked(f"there is no file {given.since}")
        yield since
    if given.remember is not None:
        remembered = read_kept(given.remember, policy.log, verify_ed25519)
        if remembered is not None:
            yield remembered


def _entry(given: argparse.Namespace, path: Path, policy: Policy) -> Report:
    _refuse(given, ("since", "remember"), "one entry's proof has no history to compare")
    file = needed(path, MAX_FILE_BYTES)
    opening = read_opening(given.body, given.nonce)
    now = SystemClock().now()
    return check_proof(file, policy, verify_ed25519, entry=given.entry, opening=opening, now=now)


def _needed(policy: Policy | None) -> Policy:
    if policy is None:
        fix = "pin the log's key, which you have from somebody else than who serves the log"
        raise InvalidInput("--log-key", "it is missing", fix)
    return policy


def _refuse(given: argparse.Namespace, names: Sequence[str], why: str) -> None:
    for name in names:
        if getattr(given, name) is not None:
            raise InvalidInput(f"--{name}", f"it has no use: {why}", "leave it out")


def _say(report: Report, *, as_json: bool) -> None:
    if as_json:
        write_json(report)
        return
    write_line(str(report.verdict))
    for title, sentences in (
        ("because", report.problems),
        ("proved", report.proved),
        ("not proved", report.unproved),
    ):
        if sentences:
            write_line(title)
        for one in sentences:
            # Some of it was written by whom we check, and a terminal obeys control characters.
            write_line("  " + "".join(letter if letter.isprintable() else "?" for letter in one))
