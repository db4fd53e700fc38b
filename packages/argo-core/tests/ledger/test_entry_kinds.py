"""One good entry of every kind, and every way to spoil it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import MAX_INTEGER, Scalar, decode, encode
from argo_core.ledger.commitment import commitment
from argo_core.ledger.entry import KINDS, Entry, decode_entry, encode_entry
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, tiny_quiet, tiny_signal
from argo_core.testing.fake_signer import FakeSigner

AT = 1_700_000_000_000_000
DIGEST = "a" * 64
LOG_KEY, WITNESS_KEY = str(FakeSigner(LOG).key), str(FakeSigner(LOG, COSIGNATURE).key)


def fields_of(kind: str, **own: Scalar) -> dict[str, Scalar]:
    common: dict[str, Scalar] = {"v": 1, "log": LOG, "strategy": "alpha", "seq": 0}
    return {**common, "kind": kind, "decided_us": AT, **own}


def outcome(**own: Scalar) -> dict[str, Scalar]:
    told: dict[str, Scalar] = {
        "signal_index": 0,
        "signal_id": "alpha-0",
        "symbol": "AAPL",
        "rule": "first-touch-v1",
        "prices": 12,
        "gap_us": 0,
    }
    return fields_of("outcome", **told, **own)


SCORED: dict[str, Scalar] = {
    "result": "target",
    "start": "182.30",
    "end": "185.00",
    "start_us": AT,
    "end_us": AT + 1,
    "return_bp": 148,
}
BODY = tiny_signal(0).decode()
ENTRIES: dict[str, dict[str, Scalar]] = {
    "strategy": fields_of(
        "strategy",
        disclosure="delayed",
        reveal_after_s=900,
        outcome_rule="first-touch-v1",
        profile="weighted-consensus-6.0",
        universe="AAPL BRK.B BTC/USD",
        config_sha256=DIGEST,
        code_sha256=DIGEST,
        models_sha256=DIGEST,
        beat_s="1.0",
        horizon_s=3_600,
        theta_bp=6_000,
        publish_step_bp=100,
        tau="0.05",
        lam="0.5",
        quorum="0.60",
        publish_move="0.01",
        max_quote_age_s="15",
        price_deadline_s="0.5",
        weight_grok="0.25",
        half_life_grok_s="60",
        refresh_after_grok_s="30",
        min_interval_grok_s="1",
        timeout_grok_s="2",
        max_symbols_grok=20,
        market_data_grok=0,
        paid_ai_grok=1,
        model_grok="grok-4",
    ),
    "signal": dict(decode(tiny_signal(0))),
    "quiet": dict(decode(tiny_quiet(0))),
    "commit": fields_of("commit", commitment=DIGEST, reveal_after_us=AT),
    "reveal": fields_of(
        "reveal",
        commitment=commitment(bytes(32), BODY.encode()),
        commit_index=0,
        nonce="0" * 64,
        body=BODY,
    ),
    "outcome": outcome(**SCORED),
    "trade": fields_of(
        "trade",
        order_id="7",
        symbol="AAPL",
        side="BUY",
        event="filled",
        quantity="10",
        broker="paper",
        at_us=AT,
    ),
    "correct": fields_of("correct", index=3, note="the feed was late"),
    "retire": fields_of("retire", note="replaced"),
    "key": fields_of("key", key=LOG_KEY, use="checkpoint", from_us=AT, note="yearly"),
}
MEMBERS = [(kind, name) for kind, fields in ENTRIES.items() for name in sorted(fields)]


def refusal(fields: dict[str, Scalar]) -> str:
    """Why an entry is refused, both on its way out and on its way in."""
    with pytest.raises(InvalidInput) as out:
        encode_entry(fields)
    with pytest.raises(InvalidInput) as into:
        decode_entry(encode(fields))
    assert str(out.value) == str(into.value)
    return str(out.value)


def read_back(fields: dict[str, Scalar]) -> Entry:
    """The entry that its bytes spell; what was just encoded is not read, so it is asked twice."""
    data = encode_entry(fields)
    remembered, read = decode_entry(data), decode_entry(data)
    assert remembered == read
    return read


def test_there_is_an_example_of_every_kind() -> None:
    assert set(ENTRIES) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(ENTRIES))
def test_a_good_entry_survives_the_way_there_and_back(kind: str) -> None:
    entry = read_back(ENTRIES[kind])
    assert (entry.kind, entry.log, entry.fields) == (kind, LOG, ENTRIES[kind])


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_every_member_is_needed(kind: str, name: str) -> None:
    assert refusal({key: value for key, value in ENTRIES[kind].items() if key != name})


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_every_member_has_its_own_type_and_bounds(kind: str, name: str) -> None:
    text = isinstance(ENTRIES[kind][name], str)
    wrong: list[Scalar] = [7, "\0", "\u00e9"] if text else ["7", MAX_INTEGER + 1, -MAX_INTEGER - 1]
    for value in wrong:
        with pytest.raises(InvalidInput):
            encode_entry({**ENTRIES[kind], name: value})


@pytest.mark.parametrize("kind", sorted(ENTRIES))
def test_a_member_nobody_knows_is_refused(kind: str) -> None:
    assert "has no such member" in refusal({**ENTRIES[kind], "other": 1})


@pytest.mark.parametrize("kind", ["", "Signal", "signals", "signal\n", "7"])
def test_a_kind_nobody_knows_is_refused(kind: str) -> None:
    with pytest.raises(InvalidInput):
        encode_entry({**ENTRIES["signal"], "kind": kind})
    with pytest.raises(InvalidInput, match="kind"):
        encode_entry({"v": 1})
    with pytest.raises(InvalidInput, match="kind"):
        encode_entry({**ENTRIES["signal"], "kind": 7})


@pytest.mark.parametrize(
    ("kind", "changed", "problem"),
    [
        ("strategy", {"disclosure": "open"}, "open does not go with 900 s"),
        ("strategy", {"reveal_after_s": 0}, "delayed does not go with 0 s"),
        ("strategy", {"disclosure": "hidden"}, "disclosure"),
        ("strategy", {"paid_ai_grok": 2}, "paid_ai_grok"),
        ("strategy", {"v": 2}, "v"),
        ("quiet", {"to_us": AT - 1}, "it is after to_us"),
        ("quiet", {"cycles": -1}, "cycles"),
        ("commit", {"commitment": "A" * 64}, "commitment"),
        ("commit", {"commitment": "a" * 63}, "commitment"),
        ("reveal", {"nonce": "1" * 64}, "another commitment"),
        ("reveal", {"body": BODY + " "}, "another commitment"),
        ("outcome", {"result": "void"}, "void does not go with start"),
        ("outcome", {"problem": "no price"}, "target does not go with problem"),
        ("outcome", {"result": "draw"}, "result"),
        ("outcome", {"return_bp": 10**8 + 1}, "return_bp"),
        ("outcome", {"official_us": "1"}, "official_us"),
        ("trade", {"side": "HOLD"}, "side"),
        ("trade", {"event": "lost"}, "event"),
        ("trade", {"price": "1e3"}, "price"),
        ("correct", {"index": -1}, "index"),
        ("correct", {"note": ""}, "note"),
        ("retire", {"note": "x" * 256}, "note"),
        ("key", {"key": "no key"}, "not a verifier key"),
        ("key", {"key": LOG_KEY.replace("+", "+0", 1)}, "not a verifier key"),
        ("key", {"key": WITNESS_KEY}, "algorithm 4 is not for a checkpoint"),
        ("key", {"use": "witness"}, "algorithm 1 is not for a witness"),
        ("key", {"use": "reveal"}, "use"),
        ("retire", {"log": "argo example"}, "log"),
        ("retire", {"log": "argo+example"}, "log"),
        ("retire", {"log": "x" * 256}, "log"),
        ("retire", {"strategy": "Alpha"}, "strategy"),
        ("retire", {"strategy": "-alpha"}, "strategy"),
        ("retire", {"seq": -1}, "seq"),
    ],
)
def test_what_contradicts_itself_or_the_rules_is_refused_with_the_reason(
    kind: str, changed: dict[str, Scalar], problem: str
) -> None:
    assert problem in refusal({**ENTRIES[kind], **changed})


def test_a_void_outcome_has_a_problem_and_no_figures() -> None:
    void = outcome(result="void", problem="no price came")
    assert read_back(void).text("result") == "void"
    assert "does not go with" in refusal(outcome(result="void"))
    for name, value in SCORED.items():
        if name != "result":
            assert name in refusal({**void, name: value})


@pytest.mark.parametrize("name", sorted(set(SCORED) - {"result"}))
def test_a_scored_outcome_has_all_of_its_figures(name: str) -> None:
    fields = {key: value for key, value in ENTRIES["outcome"].items() if key != name}
    assert name in refusal(fields)


@pytest.mark.parametrize("result", ["target", "stop", "expired"])
def test_an_outcome_may_say_when_its_signal_was_witnessed(result: str) -> None:
    encode_entry({**ENTRIES["outcome"], "result": result, "official_us": AT})


def test_a_trade_may_say_what_it_cost_and_what_it_followed() -> None:
    more: dict[str, Scalar] = {
        "price": "182.31",
        "fee": "0",
        "signal_index": 4,
        "execution_id": "e",
    }
    encode_entry({**ENTRIES["trade"], **more})
    for name, value in more.items():
        encode_entry({**ENTRIES["trade"], name: value})


def test_a_witness_s_key_is_announced_as_one() -> None:
    encode_entry({**ENTRIES["key"], "key": WITNESS_KEY, "use": "witness"})


@pytest.mark.parametrize("kind", sorted(ENTRIES))
@pytest.mark.parametrize("change", [1, 0x10, 0x80])
def test_every_byte_of_an_entry_is_read_back_as_it_is_or_refused(kind: str, change: int) -> None:
    data = encode_entry(ENTRIES[kind])
    for place in range(len(data)):
        damaged = data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
        try:
            entry = decode_entry(damaged)
        except InvalidInput:
            continue
        assert encode(entry.fields) == damaged != data


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b'"text"', b"7", b"{", b"{}", b"{}{}", b'{"a":NaN}', b'{"a":Infinity}',
     b'{"a":1.0}', b'{"a":1e2}', b'{"a":-0}', b'{"a":9007199254740992}', b'{"a":01}',
     b'{"a":12345678901234567890}', b'{"a":null}', b'{"a":true}', b'{"a":[1]}', b'{"a":{"b":1}}',
     b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a":1 }', b' {"a":1}', b'{"a":1}\n', b'{"a":"\\u0041"}',
     b'{"a":"\\/"}', b'{"a":"\xc3\xa9"}', b'{"a":"\x7f"}', b'{"A":1}', b'{"":1}',
     b'\xef\xbb\xbf{"a":1}', b'{"a":"\xff"}', b"[" * 5_000],
    ids=str,
)  # fmt: skip
def test_what_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode_entry(data)


@given(
    st.sampled_from(sorted(ENTRIES)),
    st.dictionaries(
        st.sampled_from(sorted({name for _, name in MEMBERS})) | st.text(max_size=4),
        st.text(max_size=6) | st.integers(-(2**54), 2**54),
        max_size=4,
    ),
)
def test_whatever_is_changed_is_written_and_read_back_or_refused(
    kind: str, changed: dict[str, Scalar]
) -> None:
    fields = {**ENTRIES[kind], **changed}
    try:
        encode_entry(fields)
    except InvalidInput:
        return
    assert read_back(fields).fields == fields
