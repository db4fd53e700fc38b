"""Check a signal's proof. Only pinned keys are believed, whoever served the bytes.

The exit code is 0 if it is proved, 1 if it is refuted, and 2 if it could not be checked or not
enough witnesses vouch for it yet.
"""

import argparse
import asyncio
from pathlib import Path

import orjson
from attrs import frozen

from alpine_service.adapters.proof_http import fetch_signal
from alpine_service.adapters.secrets.ed25519 import verify_ed25519
from alpine_service.cli.arguments import add_json
from alpine_service.cli.exit_codes import Exit
from alpine_service.cli.output import say, say_json
from alpine_service.domain.feed.canonical import encode
from alpine_service.domain.feed.entry import read_entry
from alpine_service.domain.feed.policy import Policy
from alpine_service.domain.feed.proof_file import LARGEST_FILE, read_proof_file
from alpine_service.domain.feed.verdict import State, Step, Verdict, check_entry, check_opening
from alpine_service.domain.feed.verifier_key import read_verifier_key
from alpine_service.errors import AlpineError, InvalidInput, InvalidSetting, Malformed
from alpine_service.settings import Settings
from alpine_service.wiring.keys import known_witness, pinned_log

_PROOF_BEGINS = b"c2sp.org/tlog-proof"
_CODES = {State.PROVED: Exit.DONE, State.REFUTED: Exit.FAILED}
# An answer of `/v1/signals/<id>` has the signal twice at most.
_LARGEST_ANSWER = 4 * LARGEST_FILE
_WIDTH = 12


@frozen
class _Evidence:
    """What is to be checked, as bytes; `opening` is a nonce and a signal."""

    entry: bytes
    proof: bytes
    opening: tuple[bytes, bytes] | None


def configure(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "what",
        nargs="+",
        metavar="WHAT",
        help="a signal's id or index, to be asked for at --url; or files: its entry and its proof"
        " file, in any order; of one alone the other is asked for",
    )
    command.add_argument(
        "--url", help="the Alpine that is asked (default: ALPINE_PUBLIC_URL); not believed"
    )
    command.add_argument("--log-key", metavar="KEY", help="the log's (default: ALPINE_LOG_KEY)")
    command.add_argument(
        "--witness-key",
        metavar="KEY",
        action="append",
        help="a witness's; may be given several times (default: our own, if it is here)",
    )
    command.add_argument(
        "--quorum", type=int, help="how many witnesses are needed (default 1); 0 believes the log"
    )
    command.add_argument(
        "--signal",
        metavar="FILE",
        help="the answer of /v1/signals/<id>: whether it is what the log committed to",
    )
    add_json(command)
    command.set_defaults(run=run)


def run(given: argparse.Namespace, settings: Settings) -> int:
    try:
        verdict = _checked(given, settings)
    except (InvalidInput, InvalidSetting):
        raise
    except AlpineError as error:
        # Whatever kept us from looking says nothing about the signal.
        raise InvalidInput("WHAT", str(error), "nothing was checked") from error
    if given.json:
        say_json({"state": verdict.state, "steps": [_plain(step) for step in verdict.steps]})
    else:
        _tell(verdict)
    return _CODES.get(verdict.state, Exit.WRONG_USE)


def _checked(given: argparse.Namespace, settings: Settings) -> Verdict:
    policy = _policy(given, settings)
    evidence = _evidence(given, settings)
    verdict = check_entry(evidence.entry, evidence.proof, policy, verify_ed25519)
    if evidence.opening is None:
        return verdict
    nonce, body = evidence.opening
    return Verdict((*verdict.steps, check_opening(evidence.entry, nonce, body)))


def _policy(given: argparse.Namespace, settings: Settings) -> Policy:
    try:
        log = read_verifier_key(given.log_key) if given.log_key else pinned_log(settings)
        if given.witness_key:
            witnesses = tuple(read_verifier_key(line) for line in given.witness_key)
        else:
            own = known_witness(settings)
            witnesses = () if own is None else (own,)
        if given.quorum is None and not witnesses:
            fix = "pin one by --witness-key, or say --quorum 0 to believe the log alone"
            raise InvalidInput("--witness-key", "no witness is pinned", fix)
        return Policy(log, witnesses, 1 if given.quorum is None else given.quorum)
    except Malformed as error:
        fix = "give lines such as name+1a2b3c4d+AbCd..., as their owners publish them"
        raise InvalidInput("the pinned keys", str(error), fix) from error


def _evidence(given: argparse.Namespace, settings: Settings) -> _Evidence:
    url = given.url or settings.public_url
    paths = [Path(each) for each in given.what]
    opening = None if given.signal is None else _opening(Path(given.signal))
    if not all(path.is_file() for path in paths):
        if len(paths) != 1:
            missing = next(path for path in paths if not path.is_file())
            raise InvalidInput(str(missing), "there is no such file", "give an entry and its proof")
        return _Evidence(*asyncio.run(fetch_signal(url, given.what[0])), opening)
    files = [_read(path, LARGEST_FILE) for path in paths]
    proofs = [data for data in files if data.startswith(_PROOF_BEGINS)]
    entries = [data for data in files if not data.startswith(_PROOF_BEGINS)]
    if len(proofs) > 1 or len(entries) > 1:
        raise InvalidInput("WHAT", "too many of one kind", "give an entry and its proof file")
    if proofs and entries:
        return _Evidence(entries[0], proofs[0], opening)
    if proofs:
        index = str(read_proof_file(proofs[0]).index)
        entry, _ = asyncio.run(fetch_signal(url, index))
        return _Evidence(entry, proofs[0], opening)
    entry = entries[0]
    members = read_entry(0, entry)
    if members.kind != "signal":
        fix = "give its proof file as well"
        raise InvalidInput("WHAT", f"a {members.kind} entry has no id to ask for", fix)
    _, proof = asyncio.run(fetch_signal(url, members.text("id")))
    return _Evidence(entry, proof, opening)


def _opening(path: Path) -> tuple[bytes, bytes]:
    fix = "give what /v1/signals/<id> answered, once it shows the signal"
    try:
        answer = orjson.loads(_read(path, _LARGEST_ANSWER))
        return bytes.fromhex(answer["nonce"]), encode(answer["signal"])
    except (ValueError, KeyError, TypeError, AttributeError, Malformed) as error:
        raise InvalidInput("--signal", "it has no nonce and signal", fix) from error


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        problem = error.strerror or "it cannot be read"
        raise InvalidInput(str(path), problem, "name a file that can be read") from error
    if len(data) > most:
        raise InvalidInput(str(path), f"it has more than {most} bytes", "name another file")
    return data


def _tell(verdict: Verdict) -> None:
    for step in verdict.steps:
        say(f"{step.state.value + ':':{_WIDTH}}{step.name}: {step.says}")
        for name, value in step.values.items():
            say(f"{'':{_WIDTH}}  {name} {value}")
    say(verdict.state.value)


def _plain(step: Step) -> dict[str, object]:
    return {
        "name": step.name,
        "state": step.state,
        "says": step.says,
        "values": dict(step.values),
    }
