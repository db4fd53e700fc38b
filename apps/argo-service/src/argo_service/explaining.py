"""Explaining a signal of a log: every input it was made of, with its times, and what came of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen
from sqlite_utils import Database

from argo_adapters.sqlite import record, search
from argo_adapters.sqlite.connection import translated
from argo_core.codec.outcome import read_outcome
from argo_core.codec.read_capsule import Inputs, read_capsule
from argo_core.codec.signal import read_signal
from argo_core.consensus.opinion import Fact, SourceName
from argo_core.errors import InvalidInput, LogUnusable
from argo_core.ledger.canonical import Scalar, sha256_hex
from argo_core.ledger.commitment import commitment
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.record import MAX_LIMIT, LoggedSignal, SignalQuery
from argo_core.market.quote import Quote
from argo_core.signals.outcome import Outcome
from argo_core.signals.signal import Signal
from argo_service.exporting.log_file import connect_log_file


@frozen
class Voice:
    """One source's part: what it said, from when, and what it counted for.

    `phi_bp` is None where it was known and did not count. `raw` is its reply word for word, None
    where the log does not have it.
    """

    source: SourceName
    phi_bp: int | None
    strength: float
    as_of: datetime
    age_s: float
    horizon_s: int
    rule: str
    facts: tuple[Fact, ...]
    raw_sha256: str
    raw: str | None


@frozen
class Explanation:
    """A signal, everything it was made of, and whether the log's parts fit together.

    `official_at` is when a witness first vouched for it, None while none has. `revealed` is the
    index of the entry that shows it to everybody. `problems` are what does not fit.
    """

    index: int
    log: str
    strategy: str
    seq: int
    sealed: bool
    revealed: int | None
    signal: Signal
    official_at: datetime | None
    quote: Quote | None
    sigma: float | None
    looked_at: Mapping[str, Scalar]
    voices: tuple[Voice, ...]
    outcome_index: int | None
    outcome: Outcome | None
    problems: tuple[str, ...]


def explain(path: Path, wanted: str) -> Explanation:
    """The signal that `wanted` names, by its id or its index in the log in that file. Blocks.

    Raises:
        InvalidInput: the log has no such signal.
        LogError: the log cannot be read, or has lost a part.
    """
    db = connect_log_file(path)
    try:
        with translated(path):
            return _explain(db, path, _find(db, path, wanted))
    finally:
        db.close()


def _find(db: Database, path: Path, wanted: str) -> LoggedSignal:
    if wanted.isdecimal() and len(wanted) < len(str(1 << 62)):
        query = SignalQuery(before=int(wanted) + 1, limit=1, sealed=True)
        found = search.find_signals(db, path, query)
        if found and found[0].index == int(wanted):
            return found[0]
        problem = f"entry {wanted} is no signal of {path}"
        raise InvalidInput("signal", problem, "give the index of one, or its id")
    before = None
    while found := search.find_signals(
        db, path, SignalQuery(before=before, limit=MAX_LIMIT, sealed=True)
    ):
        for one in found:
            if decode_entry(one.body).text("id") == wanted:
                return one
        before = found[-1].index
    problem = f"{path} has none with the id {wanted[:40]!r}"
    raise InvalidInput("signal", problem, "give the id of a signal, or its index")


def _explain(db: Database, path: Path, logged: LoggedSignal) -> Explanation:
    signal, body, entry = read_signal(logged.body), decode_entry(logged.body), logged.entry
    capsule = record.read_capsule(db, signal.inputs_sha256)
    if capsule is None:
        problem = f"the inputs {signal.inputs_sha256} are missing; restore it from a copy"
        raise LogUnusable(f"{path}: {problem}")
    inputs = read_capsule(capsule)
    raws = {one.raw_sha256: record.read_capsule(db, one.raw_sha256) for one in inputs.opinions}
    official_s = record.read_witnessed_at(db, logged.index)
    resolved = search.find_outcome(db, logged.index)
    return Explanation(
        index=logged.index,
        log=body.log,
        strategy=body.strategy,
        seq=body.seq,
        sealed=entry != logged.body,
        revealed=logged.revealed,
        signal=signal,
        official_at=None if official_s is None else datetime.fromtimestamp(official_s, UTC),
        quote=inputs.quote,
        sigma=inputs.sigma,
        looked_at=inputs.more,
        voices=_voices(signal, inputs, raws),
        outcome_index=None if resolved is None else resolved.index,
        outcome=None if resolved is None else read_outcome(decode_entry(resolved.data)),
        problems=(
            *_misfits(signal, inputs, capsule),
            *_foreign(raws),
            *_unsealed(db, decode_entry(entry), logged.body),
        ),
    )


def _voices(signal: Signal, inputs: Inputs, raws: Mapping[str, bytes | None]) -> tuple[Voice, ...]:
    phis = {part.source: part.phi_bp for part in signal.contributions}
    return tuple(
        Voice(
            source=one.source,
            phi_bp=phis.get(one.source),
            strength=one.strength,
            as_of=one.as_of,
            age_s=one.age_s(inputs.decided_at),
            horizon_s=one.horizon_s,
            rule=one.rule,
            facts=one.facts,
            raw_sha256=one.raw_sha256,
            raw=_text(raws[one.raw_sha256]),
        )
        for one in inputs.opinions
    )


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "backslashreplace")


def _misfits(signal: Signal, inputs: Inputs, capsule: bytes) -> list[str]:
    """Where the signal and its inputs contradict each other."""
    problems = []
    if sha256_hex(capsule) != signal.inputs_sha256:
        problems.append(f"the inputs' hash is {sha256_hex(capsule)}, the signal names another")
    said: tuple[tuple[str, object, object], ...] = (
        ("symbol", signal.symbol, inputs.symbol),
        ("time", signal.decided_at, inputs.decided_at),
        ("profile", signal.profile, inputs.profile),
        ("regime", signal.regime, inputs.regime),
    )
    problems += [f"its {name} is not its inputs'" for name, one, other in said if one != other]
    known = {
        (one.source, one.strength, one.raw_sha256, one.age_s(inputs.decided_at))
        for one in inputs.opinions
    }
    problems += [
        f"what it says of {part.source} is not in its inputs"
        for part in signal.contributions
        if (part.source, part.strength, part.raw_sha256, part.age_s) not in known
    ]
    total = sum(part.phi_bp for part in signal.contributions)
    if total != signal.confidence_bp:
        problems.append(f"the contributions add up to {total}")
    return problems


def _foreign(raws: Mapping[str, bytes | None]) -> list[str]:
    return [
        f"the reply {named} has another hash"
        for named, raw in raws.items()
        if raw is not None and sha256_hex(raw) != named
    ]


def _unsealed(db: Database, entry: Entry, body: bytes) -> list[str]:
    if entry.kind != "commit":
        return []
    named = entry.text("commitment")
    sealed = record.read_sealed(db, named)
    same = sealed is not None and commitment(sealed.nonce, body) == named
    return [] if same else [f"entry does not commit to this signal: {named}"]
