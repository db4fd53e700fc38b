"""A policy as a file that readers and the log share: C2SP tlog-policy.

log <key> [<address>]
witness <name> <key> [<address>]
group <name> all|any|<number> <name>...
quorum <name>|none

Of that format we read what `Policy` can say: a quorum counts witnesses, all of them alike. A group
of groups, and a witness that is outside of the quorum's group, are refused and not guessed at.
"""

import re

from argo_core.errors import InvalidInput
from argo_core.ledger.decimal_line import read_number
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.verifier_key import VerifierKey, parse_verifier_key

MAX_POLICY_BYTES = 65_536

_NONE = "none"
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile("[ \t]+")
_ADDRESS = re.compile(r"https?://[!-~]+")


def parse_policy(data: bytes, log: VerifierKey | None = None) -> Policy:
    """The policy that these bytes spell, for the log with that key.

    Where the key is known the file may leave the log out, or name others as well; where it is not,
    the file names exactly one.

    Raises:
        InvalidInput: it is malformed, says what is not supported, or is for other logs.
    """
    if len(data) > MAX_POLICY_BYTES:
        problem = f"it has {len(data)} bytes"
        raise InvalidInput("policy", problem, f"keep it within {MAX_POLICY_BYTES}")
    if _CONTROL.search(data):
        raise InvalidInput("policy", "it has control characters", "use line feeds and tabs only")
    reader = _Reader()
    # Octets above ASCII may stand in names and comments and mean nothing but themselves.
    for number, line in enumerate(data.decode("latin-1").split("\n"), start=1):
        words = _BLANKS.split(line.strip(" \t"))
        if words[0] and not words[0].startswith("#"):
            try:
                reader.take(words)
            except InvalidInput as error:
                field = f"policy, line {number}, {error.field}"
                raise InvalidInput(field, error.problem, error.fix) from error
    return reader.policy(log)


class _Reader:
    """What the lines so far have defined."""

    def __init__(self) -> None:
        self._logs: list[VerifierKey] = []
        self._witnesses: dict[str, WitnessKey] = {}
        self._groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._quorum: str | None = None

    def take(self, words: list[str]) -> None:
        match words:
            case ["log", key, *address] if len(address) <= 1:
                _address(address)
                self._logs.append(parse_verifier_key(key))
            case ["witness", name, key, *address] if len(address) <= 1:
                self._witness(name, WitnessKey(parse_verifier_key(key), _address(address)))
            case ["group", name, threshold, *members] if members:
                self._group(name, threshold, members)
            case ["quorum", name]:
                self._choose(name)
            case _:
                problem = f"{' '.join(words)[:80]!r} is no line of a policy"
                raise InvalidInput("words", problem, "begin it with log, witness, group or quorum")

    def policy(self, log: VerifierKey | None) -> Policy:
        if self._quorum is None:
            fix = "end it with `quorum` and a name, or with `quorum none`"
            raise InvalidInput("policy", "it has no quorum", fix)
        if len({one.public_key for one in self._logs}) < len(self._logs):
            raise InvalidInput("policy", "a log is there twice", "name each log once")
        if log is None:
            if len(self._logs) != 1:
                problem = f"it names {len(self._logs)} logs"
                raise InvalidInput("policy", problem, "name one, or say beside it which is meant")
            log = self._logs[0]
        elif self._logs and log not in self._logs:
            raise InvalidInput("policy", f"it is not for {log}", "name this log in it")
        return Policy(log, tuple(self._witnesses.values()), self._threshold(self._quorum))

    def _witness(self, name: str, witness: WitnessKey) -> None:
        self._define(name)
        self._witnesses[name] = witness

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        self._define(name)
        unknown = [one for one in members if one not in self._witnesses]
        if unknown:
            groups = [one for one in unknown if one in self._groups]
            problem = (
                f"{unknown[0][:60]!r} is {'a group' if groups else 'no witness defined above'}"
            )
            raise InvalidInput("group", problem, "list witnesses that lines above define")
        grouped = {one for _, others in self._groups.values() for one in others}
        if len(set(members)) < len(members) or grouped & set(members):
            problem = "a witness is a member twice"
            raise InvalidInput("group", problem, "list each witness in one group, once")
        count = {"all": len(members), "any": 1}.get(threshold)
        if count is None:
            count = read_number("group", threshold)
        if not 1 <= count <= len(members):
            problem = f"{count} of {len(members)} members"
            raise InvalidInput(
                "group", problem, "ask for 1 at least and for no more than there are"
            )
        self._groups[name] = count, tuple(members)

    def _choose(self, name: str) -> None:
        if self._quorum is not None:
            raise InvalidInput("quorum", "it is there twice", "give one")
        if name != _NONE and name not in self._witnesses and name not in self._groups:
            problem = f"{name[:60]!r} is not defined above"
            raise InvalidInput("quorum", problem, "name a witness or a group that is, or `none`")
        self._quorum = name

    def _define(self, name: str) -> None:
        if name == _NONE or name in self._witnesses or name in self._groups:
            raise InvalidInput("name", f"{name[:60]!r} is in use", "give it a name of its own")

    def _threshold(self, quorum: str) -> int:
        if quorum == _NONE:
            return 0
        count, members = self._groups.get(quorum, (1, (quorum,)))
        outside = self._witnesses.keys() - set(members)
        if outside:
            problem = f"{min(outside)[:60]!r} is a witness and does not count for the quorum"
            raise InvalidInput("policy", problem, "put it into the quorum's group, or take it out")
        return count


def _address(words: list[str]) -> str | None:
    for word in words:
        if not _ADDRESS.fullmatch(word):
            problem = "it is no HTTP address in ASCII"
            raise InvalidInput("address", problem, "write it like https://witness.example/argo")
        return word
    return None
