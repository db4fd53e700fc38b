"""A verifier of the signal feed, written from signal-feed.md alone, to see that it is enough.

It needs Python and `cryptography`, and nothing of Argo. The table of members is read from the page
itself; the rest says in Python what the page says in words. `Refused` is raised with the reason.
"""
# ruff: noqa: PLR2004 - the numbers are those of the page

import json
import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PAGE = Path(__file__).with_name("signal-feed.md")
EMPTY_ROOT = sha256().digest()
LARGEST = 2**53 - 1
LARGEST_NUMBER = 2**63 - 1
HASH = 32
CHECKPOINTS, COSIGNATURES = 1, 4


class Refused(Exception):  # noqa: N818 - it is named for what happened
    """The reason."""


def require(condition: object, reason: str) -> None:
    """Refuse unless the condition holds."""
    if not condition:
        raise Refused(reason)


# Entries


class Rule(NamedTuple):
    """A row of the page's table."""

    kind: str
    member: str
    value: str
    needed: str


def _rules() -> list[Rule]:
    section = PAGE.read_text("utf-8").partition("<!-- table: rules -->")[2].partition("<!-- end")[0]
    rows = [re.split(r"(?<!\\) ?\| ?", line)[1:-1] for line in section.split("\n") if "`" in line]
    return [Rule(*(cell.replace("\\|", "|").strip("`") for cell in row)) for row in rows]


RULES = _rules()
KINDS = {rule.kind for rule in RULES} - {"all"}
SOURCE = "[a-z][a-z0-9_]*"
SIGNAL_GROUP = ("phi_*_bp", "strength_*_e4", "age_*_us", "raw_*_sha256")
PATTERNS = {
    "text": "[ -~]*",
    "word": "[ -~]{1,255}",
    "digest": "[0-9a-f]{64}",
    "decimal": r"-?(0|[1-9][0-9]*)(\.[0-9]+)?",
}
BOUNDS = {"count": (0, LARGEST), "time": (-LARGEST, LARGEST), "flag": (0, 1)}
FIGURES = {"start", "start_us", "end", "end_us", "return_bp"}


def canonical(data: bytes) -> dict[str, Any]:
    """The members of canonical bytes."""
    require(len(data) <= 65_535, "it is too long")
    try:
        value = json.loads(data.decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise Refused("it is not JSON in ASCII") from error
    require(type(value) is dict, "it is not an object")
    for key, member in value.items():
        require(re.fullmatch("[a-z0-9_]+", key), "a key is malformed")
        require(type(member) in {str, int}, "a member is no string or integer")
        if type(member) is str:
            require(re.fullmatch("[ -~]*", member), "a string is not printable ASCII")
        else:
            require(abs(member) <= LARGEST, "a number is too large")
    again = json.dumps(value, sort_keys=True, separators=(",", ":"))
    require(again.encode() == data, "it is not canonical")
    return value


def admits(rule: str, value: object) -> bool:
    """Whether a value is what the page's table says."""
    bounds = BOUNDS.get(rule)
    if rule.startswith("integer "):
        low, high = rule.removeprefix("integer ").split(" to ")
        bounds = int(low), int(high)
    if bounds is not None:
        return type(value) is int and bounds[0] <= value <= bounds[1]
    if type(value) is not str or not re.fullmatch(PATTERNS.get(rule, rule), value):
        return False
    return rule != "decimal" or not value.startswith("-") or bool(value.strip("-0."))


def names_of(kind: str, member: str) -> str:
    """The pattern of the names that a star stands for."""
    if kind == "quiet":
        return "[a-z_]+"
    return "[1-9]|1[0-2]" if member.startswith("e*_") else SOURCE


def entry(data: bytes) -> dict[str, Any]:
    """The members of an entry."""
    members = canonical(data)
    kind = members.get("kind")
    require(kind in KINDS, "its kind is unknown")
    rules = [rule for rule in RULES if rule.kind in {"all", kind}]
    plain = {rule.member: rule for rule in rules if rule.needed != "group"}
    starred = [rule for rule in rules if rule.needed == "group"]
    groups: dict[tuple[int, str], set[str]] = {}
    for name, value in members.items():
        rule = plain.get(name)
        if rule is None:
            rule, named = _starred(starred, str(kind), name)
            together = 1 if rule.member.startswith("e*_") else 0
            groups.setdefault((together, named), set()).add(rule.member)
        require(admits(rule.value, value), f"{name} is malformed")
    for name, rule in plain.items():
        require(name in members or rule.needed == "no", f"{name} is missing")
    for (together, named), there in groups.items():
        whole = {rule.member for rule in starred if rule.member.startswith("e*_") == bool(together)}
        require(there == whole, f"a group is incomplete: {named}")
        before = (together, str(int(named) - 1)) if together else None
        require(before in groups or named == "1" or not together, "evidence has a gap")
    _agree(str(kind), members)
    return members


def _starred(rules: Sequence[Rule], kind: str, name: str) -> tuple[Rule, str]:
    for rule in rules:
        before, after = rule.member.split("*")
        found = re.fullmatch(f"{before}({names_of(kind, rule.member)}){after}", name)
        if found:
            return rule, found[1]
    raise Refused(f"{name} is unknown")


def _agree(kind: str, it: Mapping[str, Any]) -> None:
    if kind == "strategy":
        require((it["disclosure"] == "open") == (it["reveal_after_s"] == 0), "disclosure")
    elif kind == "signal":
        levels = {"stop", "target"} & it.keys()
        require(len(levels) == (0 if it["direction"] == "HOLD" else 2), "stop and target")
        for name in {"entry", *levels}:
            digits = len(it[name].partition(".")[2])
            require(digits == it["price_scale"], f"{name} has {digits} decimals")
            require(it[name][0] != "-" and it[name].strip("0."), f"{name} is not above zero")
        total = sum(value for name, value in it.items() if name.startswith("phi_"))
        require(total == it["confidence_bp"], "contributions do not add up")
    elif kind == "quiet":
        require(it["from_us"] <= it["to_us"], "it ends before it begins")
    elif kind == "reveal":
        told = commitment(bytes.fromhex(it["nonce"]), it["body"].encode())
        require(told == it["commitment"], "it does not open its commitment")
    elif kind == "outcome":
        void = it["result"] == "void"
        require(FIGURES & it.keys() == (set() if void else FIGURES), "figures")
        require(("problem" in it) == void, "problem")
    elif kind == "key":
        algorithm = CHECKPOINTS if it["use"] == "checkpoint" else COSIGNATURES
        require(verifier_key(it["key"]).algorithm == algorithm, "the key is not for this use")


def commitment(nonce: bytes, body: bytes) -> str:
    """What a commit fixes."""
    require(len(nonce) == HASH, "a nonce has 32 bytes")
    return sha256(b"signal-commit/v1\n" + nonce + body).hexdigest()


# Hashes and the tree


def leaf_hash(data: bytes) -> bytes:
    """An entry's leaf."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """An inner node."""
    return sha256(b"\1" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(root_of(leaves[:k]), root_of(leaves[k:]))


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Refuse unless the leaf is there."""
    require(0 <= index < size, "there is no such entry")
    require(all(len(one) == HASH for one in (leaf, root, *proof)), "a hash has another length")
    node, last, hashed = index, size - 1, leaf
    for sibling in proof:
        require(last > 0, "the proof is too long")
        if node % 2 or node == last:
            hashed = node_hash(sibling, hashed)
            while node % 2 == 0 and node > 0:
                node, last = node // 2, last // 2
        else:
            hashed = node_hash(hashed, sibling)
        node, last = node // 2, last // 2
    require(last == 0 and hashed == root, "the proof does not lead to the root")


def check_consistency(
    old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Refuse unless the old tree is the beginning of the new one."""
    require(0 <= old_size <= size, "the old tree is larger")
    hashes = list(proof)
    require(all(len(one) == HASH for one in (old_root, root, *hashes)), "a hash's length")
    if old_size in {0, size}:
        require(not hashes, "there is nothing to prove")
        require(old_size or old_root == EMPTY_ROOT, "nothing has another root")
        require((old_size == 0 and size > 0) or old_root == root, "one size has one root")
        return
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    require(hashes, "the proof is empty")
    node, last = old_size - 1, size - 1
    while node % 2:
        node, last = node // 2, last // 2
    old = new = hashes[0]
    for sibling in hashes[1:]:
        require(last > 0, "the proof is too long")
        if node % 2 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node % 2 == 0 and node > 0:
                node, last = node // 2, last // 2
        else:
            new = node_hash(new, sibling)
        node, last = node // 2, last // 2
    require(last == 0 and (old, new) == (old_root, root), "the proof does not lead to the roots")


# Tiles and bundles


class Tile(NamedTuple):
    """A tile, or a bundle if it has no level."""

    level: int | None
    index: int
    width: int


def tile_path(tile: Tile) -> str:
    """Where it lies."""
    digits = str(tile.index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([f"x{one}" for one in groups[:-1]] + groups[-1:])
    level = "entries" if tile.level is None else tile.level
    return f"tile/{level}/{name}" + (f".p/{tile.width}" if tile.width < 256 else "")


def parse_tile_path(path: str) -> Tile:
    """The tile that lies there."""
    found = re.fullmatch(r"tile/([0-5]|entries)/([x0-9/]+)(?:\.p/([0-9]{1,3}))?", path)
    require(found, "it is no path")
    level, name, width = found.groups() if found else ("", "", "")
    digits = re.sub("[x/]", "", name)
    require(digits, "it has no index")
    tile = Tile(None if level == "entries" else int(level), int(digits), int(width or 256))
    require(tile_path(tile) == path and 1 <= tile.width <= 256, "it has another path")
    return tile


def tile_paths(size: int) -> Iterator[str]:
    """All paths of a log of that size."""
    for level in (None, 0, 1, 2, 3, 4, 5):
        count = size // 256 ** (level or 0)
        for index in range(-(-count // 256)):
            yield tile_path(Tile(level, index, min(256, count - 256 * index)))


def split_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries in a bundle."""
    entries = []
    for _ in range(width):
        length = int.from_bytes(data[:2], "big")
        require(len(data) >= 2 + length, "an entry is cut off")
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    require(not data, "bytes are left over")
    return entries


# Keys, notes and checkpoints


def read_base64(text: str) -> bytes:
    """The bytes that base64 spells, in its one spelling."""
    try:
        data = b64decode(text, validate=True)
    except (Error, ValueError) as error:
        raise Refused("it is not base64") from error
    require(b64encode(data).decode() == text, "its base64 has another spelling")
    return data


def read_number(text: str) -> int:
    """A number in a line of text."""
    require(re.fullmatch("0|[1-9][0-9]{0,18}", text), "it is not a number")
    require(int(text) <= LARGEST_NUMBER, "the number is too large")
    return int(text)


class Key(NamedTuple):
    """A verifier key."""

    name: str
    key_id: bytes
    algorithm: int
    public: bytes

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether it made the signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def verifier_key(text: str) -> Key:
    """The key that a line spells."""
    found = re.fullmatch(r"([!-*,-~]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    require(found, "it is no verifier key")
    name, key_id, material = found.groups() if found else ("", "", "")
    told = read_base64(material)
    require(len(told) == 1 + HASH, "the key has another length")
    require(told[0] in {CHECKPOINTS, COSIGNATURES}, "the algorithm is unknown")
    right = sha256(name.encode() + b"\n" + told).digest()[:4]
    require(right.hex() == key_id, "the id is another key's")
    return Key(name, right, told[0], told[1:])


class Line(NamedTuple):
    """A signature line."""

    name: str
    key_id: bytes
    signature: bytes

    def is_by(self, key: Key) -> bool:
        """Whether it says to be this key's."""
        return (self.name, self.key_id) == (key.name, key.key_id)


def note(data: bytes) -> tuple[str, list[Line]]:
    """The text and the signature lines of a note."""
    require(len(data) <= 131_072, "it is too long")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("it is not UTF-8") from error
    require(all(one >= " " or one == "\n" for one in whole), "it has control characters")
    text, found, under = whole.rpartition("\n\n")
    require(found and under.endswith("\n"), "it has no signatures")
    lines = [_line(one) for one in under[:-1].split("\n")]
    require(len(lines) <= 16, "it has too many signatures")
    return text + "\n", lines


def _line(text: str) -> Line:
    found = re.fullmatch("\u2014 ([^\\s+]+) ([^ ]+)", text)
    require(found, "it is no signature line")
    name, material = found.groups() if found else ("", "")
    told = read_base64(material)
    require(len(told) > 4, "the signature is too short")
    return Line(name, told[:4], told[4:])


class Policy(NamedTuple):
    """Pinned keys, and how many witnesses must have cosigned."""

    log: Key
    witnesses: tuple[Key, ...]
    quorum: int


@dataclass
class Checkpoint:
    """A checkpoint of the pinned log; `cosigned` has the time of each witness that counts."""

    size: int
    root: bytes
    cosigned: dict[str, int] = field(default_factory=dict)
    is_met: bool = False


def checkpoint(data: bytes, policy: Policy) -> Checkpoint:
    """The log's checkpoint in a note."""
    text, signatures = note(data)
    lines = text.split("\n")
    require(len(lines) == 4, "it does not have three lines")
    size, root = read_number(lines[1]), read_base64(lines[2])
    require(len(root) == HASH, "the root has another length")
    require(size > 0 or root == EMPTY_ROOT, "nothing has another root")
    require(lines[0] == policy.log.name, "it is another log's")
    mine = [line for line in signatures if line.is_by(policy.log)]
    require(mine, "the log did not sign it")
    require(
        all(policy.log.verifies(text.encode(), line.signature) for line in mine),
        "a signature of the log is bad",
    )
    found = Checkpoint(size, root)
    for line in signatures:
        for key in policy.witnesses:
            time_s = _cosigned_at(line, key, text)
            if time_s is not None:
                found.cosigned[key.name] = min(time_s, found.cosigned.get(key.name, time_s))
    found.is_met = len(found.cosigned) >= policy.quorum
    return found


def _cosigned_at(line: Line, key: Key, text: str) -> int | None:
    if not line.is_by(key) or len(line.signature) != 72:
        return None
    time_s = int.from_bytes(line.signature[:8], "big")
    message = f"cosignature/v1\ntime {time_s}\n{text}".encode()
    good = time_s <= LARGEST_NUMBER and key.verifies(message, line.signature[8:])
    return time_s if good else None


# Proof files and whole logs


def proof_file(data: bytes, leaf: bytes, policy: Policy) -> tuple[int, Checkpoint]:
    """The index that a proof file proves for a leaf, and the checkpoint under it."""
    head, found, signed = data.partition(b"\n\n")
    require(found, "it has no checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Refused("it is not ASCII") from error
    require(lines.pop(0) == "c2sp.org/tlog-proof@v1", "it is no proof file")
    if lines and lines[0].startswith("extra "):
        extra = read_base64(lines.pop(0).removeprefix("extra "))
        require(0 < len(extra) <= 4_096, "extra data are empty or too long")
    require(lines and lines[0].startswith("index "), "it has no index")
    index = read_number(lines.pop(0).removeprefix("index "))
    require(len(lines) <= 63, "it has too many hashes")
    under = checkpoint(signed, policy)
    check_inclusion(leaf, index, under.size, [read_base64(one) for one in lines], under.root)
    return index, under


def whole_log(entries: Sequence[bytes], signed: bytes, policy: Policy) -> Checkpoint:
    """The checkpoint under all entries of a log."""
    head = checkpoint(signed, policy)
    require(len(entries) == head.size, "the checkpoint has another size")
    require(root_of([leaf_hash(one) for one in entries]) == head.root, "the root is another")
    story = Story()
    for index, data in enumerate(entries):
        told = entry(data)
        require(told["log"] == policy.log.name, "an entry bears another log's name")
        story.hear(index, told)
    return head


@dataclass
class Story:
    """What entries say of those before them."""

    next_seq: dict[str, int] = field(default_factory=dict)
    disclosure: dict[str, str] = field(default_factory=dict)
    sealed: dict[int, dict[str, Any]] = field(default_factory=dict)
    waiting: dict[int, tuple[str, ...]] = field(default_factory=dict)
    ahead: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def hear(self, index: int, it: dict[str, Any]) -> None:
        """Take in the next entry."""
        strategy, kind = it["strategy"], it["kind"]
        require(it["seq"] == self.next_seq.get(strategy, 0), "a sequence has a gap")
        self.next_seq[strategy] = it["seq"] + 1
        if kind == "strategy":
            self.disclosure[strategy] = it["disclosure"]
        elif kind == "signal":
            require(self.disclosure.get(strategy) != "delayed", "a delayed strategy shows a signal")
            self._await(index, it)
        elif kind == "commit":
            require(self.disclosure.get(strategy) != "open", "an open strategy commits")
            self.sealed[index] = it
        elif kind == "reveal":
            self._reveal(it)
        elif kind == "outcome":
            self._outcome(it)
        elif kind == "correct":
            require(it["index"] < index, "it speaks of what is to come")
        elif kind == "trade":
            require(it.get("signal_index", -1) < index, "it speaks of what is to come")

    def _await(self, index: int, signal: dict[str, Any]) -> None:
        if signal["direction"] != "HOLD":
            self.waiting[index] = (signal["strategy"], signal["id"], signal["symbol"])

    def _reveal(self, it: dict[str, Any]) -> None:
        index = it["commit_index"]
        commit = self.sealed.pop(index, None)
        if commit is None:
            raise Refused("it reveals no commit, or one that was revealed before")
        for name in ("strategy", "commitment"):
            require(it[name] == commit[name], "it reveals another commit")
        body = entry(it["body"].encode())
        require(body["kind"] == "signal", "what it reveals is no signal")
        for name in ("log", "strategy", "seq", "decided_us"):
            require(body[name] == commit[name], "what it reveals stands elsewhere")
        self._await(index, body)
        claim = self.ahead.pop(index, None)
        if claim is not None:
            require(self.waiting.pop(index, None) == claim, "its outcome names another signal")

    def _outcome(self, it: dict[str, Any]) -> None:
        index, claim = it["signal_index"], (it["strategy"], it["signal_id"], it["symbol"])
        if index in self.sealed:
            require(index not in self.ahead, "a signal has two outcomes")
            self.ahead[index] = claim
        else:
            require(self.waiting.pop(index, None) == claim, "it names no signal that waits")
