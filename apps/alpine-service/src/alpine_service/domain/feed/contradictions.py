"""What the members of one entry must not say together."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from alpine_service.domain.feed.canonical import Members
from alpine_service.domain.feed.commitment import opens
from alpine_service.domain.feed.verifier_key import Algorithm, read_verifier_key
from alpine_service.errors import Malformed

Starred = Mapping[str, Sequence[str]]

_RESOLVED = frozenset({"start", "start_us", "end", "end_us", "return_bp"})
_USES = {"checkpoint": Algorithm.CHECKPOINT, "witness": Algorithm.COSIGNATURE}


def refuse_contradictions(kind: str, members: Members, starred: Starred) -> None:
    """Refuse members that are right one by one and wrong together.

    `starred` has the names under which each starred member was found.

    Raises:
        Malformed: they contradict each other.
    """
    if check := _CHECKS.get(kind):
        check(members, starred)


def _strategy(members: Members, _: Starred) -> None:
    if (members["disclosure"] == "open") != (members["reveal_after_s"] == 0):
        raise _malformed("open goes with no delay, and delayed with one")


def _signal(members: Members, starred: Starred) -> None:
    exits = [name for name in ("stop", "target") if name in members]
    if len(exits) != (0 if members["direction"] == "HOLD" else 2):
        raise _malformed("a BUY and a SELL have stop and target, a HOLD has neither")
    scale = members["price_scale"]
    for name in ("entry", *exits):
        price = cast("str", members[name])
        if len(price.partition(".")[2]) != scale:
            raise _malformed(f"{name} has not the digits that price_scale says")
        if price[0] == "-" or not price.strip("0."):
            raise _malformed(f"{name} is not above zero")
    shares = [cast("int", members[name]) for name in starred.get("phi_*_bp", ())]
    if sum(shares) != members["confidence_bp"]:
        raise _malformed("the contributions do not add up to the confidence")


def _quiet(members: Members, _: Starred) -> None:
    if cast("int", members["from_us"]) > cast("int", members["to_us"]):
        raise _malformed("it ends before it begins")


def _reveal(members: Members, _: Starred) -> None:
    nonce = bytes.fromhex(cast("str", members["nonce"]))
    body = cast("str", members["body"]).encode("ascii")
    if not opens(nonce, body, cast("str", members["commitment"])):
        raise _malformed("nonce and body do not open the commitment")


def _outcome(members: Members, _: Starred) -> None:
    is_void = members["result"] == "void"
    if ("problem" in members) != is_void:
        raise _malformed("a void outcome has a problem, and no other has one")
    if len(_RESOLVED & members.keys()) != (0 if is_void else len(_RESOLVED)):
        raise _malformed("a void outcome has no prices and return, and every other has them all")


def _key(members: Members, _: Starred) -> None:
    key = read_verifier_key(cast("str", members["key"]))
    if key.algorithm is not _USES[cast("str", members["use"])]:
        raise _malformed("the key is for another use")


_CHECKS: Mapping[str, Callable[[Members, Starred], None]] = {
    "strategy": _strategy,
    "signal": _signal,
    "quiet": _quiet,
    "reveal": _reveal,
    "outcome": _outcome,
    "key": _key,
}


def _malformed(problem: str) -> Malformed:
    return Malformed("contradiction", problem)
