"""Whole logs, good and bad."""

from collections.abc import Sequence
from typing import Any

from docs.vectors.basics import LOG, LOG_KEY, NOW, WITNESS, Case, spelled
from docs.vectors.notes import note_of, signed_line
from docs.vectors.samples import (
    changed,
    commit,
    entry_of,
    outcome,
    quiet,
    reveal,
    signal,
    strategy,
    trade,
)

from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.merkle import Frontier, leaf_hash


def _log(entries: Sequence[bytes], **own: Any) -> Case:
    shown = own.get("shown", entries)
    root = Frontier().extend(map(leaf_hash, entries)).root()
    text = Checkpoint(LOG, len(entries), root).text
    note = note_of(signed_line(LOG_KEY, text), signed_line(WITNESS, text, NOW), text=text)
    return {"entries": [spelled(one) for one in shown], "checkpoint": spelled(note)}


def log_cases() -> Case:
    opened = [strategy(0), signal(1), quiet(2), outcome(3, 1), trade(4, signal_index=1)]
    opened += [
        entry_of("correct", 5, index=2, note="counted late"),
        entry_of("retire", 6, note="end"),
    ]
    ended = entry_of("retire", 6, note="End")
    delayed = [strategy(0, disclosure="delayed", reveal_after_s=900)]
    delayed += [commit(1, signal(1)), reveal(2, signal(1), 1), outcome(3, 1)]
    early = [*delayed[:2], outcome(2, 1), reveal(3, signal(1), 1)]
    body = changed(signal(1), strategy="beta")
    bad = {
        "an entry is missing": _log(opened, shown=opened[:-1]),
        "an entry was removed": _log(opened, shown=opened[:2] + opened[3:]),
        "two entries are swapped": _log(opened, shown=[opened[1], opened[0], *opened[2:]]),
        "an entry was changed": _log(opened, shown=[*opened[:-1], ended]),
        "an entry was added": _log(opened, shown=[*opened, quiet(7)]),
        "a sequence has a gap": _log([opened[0], signal(2)]),
        "a sequence repeats a number": _log([opened[0], signal(1), signal(1)]),
        "a sequence does not begin at 0": _log([strategy(1)]),
        "an entry bears another log's name": _log([changed(opened[0], log="other.example/log")]),
        "an entry is not canonical": _log([opened[0] + b" "]),
        "an entry is of no known kind": _log([changed(opened[0], kind="advice")]),
        "a reveal names no commit": _log([*delayed[:2], reveal(2, signal(1), 0)]),
        "a reveal names an entry to come": _log([*delayed[:1], reveal(1, signal(1), 2)]),
        "a commit is revealed twice": _log([*delayed[:3], reveal(3, signal(1), 1)]),
        "a reveal opens another commit": _log(
            [*delayed[:2], commit(2, signal(2)), reveal(3, signal(2), 1)]
        ),
        "a reveal's body is another strategy's": _log(
            [delayed[0], commit(1, body), reveal(2, body, 1)]
        ),
        "a reveal's body is no signal": _log(
            [delayed[0], commit(1, quiet(1)), reveal(2, quiet(1), 1)]
        ),
        "a delayed strategy shows a signal": _log([delayed[0], signal(1)]),
        "an open strategy commits": _log([opened[0], commit(1, signal(1))]),
        "an outcome names no signal": _log([opened[0], outcome(1, 0)]),
        "a signal has two outcomes": _log([*opened[:2], outcome(2, 1), outcome(3, 1)]),
        "an outcome names another signal": _log([*opened[:2], outcome(2, 1, signal_id="alpha-9")]),
        "a hold has an outcome": _log(
            [
                opened[0],
                changed(signal(1), direction="HOLD", reason="weak", stop=None, target=None),
                outcome(2, 1),
            ]
        ),
        "a correction speaks of an entry to come": _log(
            [opened[0], entry_of("correct", 1, index=1, note="?")]
        ),
        "a trade speaks of an entry to come": _log([opened[0], trade(1, signal_index=1)]),
    }
    return {
        "good": [
            {"says": "an open strategy", **_log(opened)},
            {"says": "a delayed strategy", **_log(delayed)},
            {"says": "an outcome before the reveal", **_log(early)},
            {"says": "two strategies", **_log([opened[0], changed(opened[0], strategy="beta")])},
        ],
        "bad": [{**one, "reason": reason} for reason, one in bad.items()],
    }
