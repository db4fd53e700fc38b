"""Canonical bytes, entries and commitments, good and bad."""

from docs.vectors.basics import (
    AT,
    NONCE,
    STRANGER,
    WITNESS,
    Case,
    bad_case,
    digests,
    flipped,
    spelled,
)
from docs.vectors.samples import (
    changed,
    commit,
    entry_of,
    key_entry,
    outcome,
    quiet,
    reveal,
    signal,
    strategy,
    trade,
)

from argo_core.ledger.canonical import decode
from argo_core.ledger.commitment import commitment


def canonical_cases() -> Case:
    good = [
        b"{}",
        b'{"a":0,"b":-1,"c":9007199254740991,"d":-9007199254740991}',
        b'{"0":"~ !","_":"","a":"\\"\\\\/"}',
        b'{"a":"x","a_":"y","aa":"z"}',
    ]
    bad = {
        "it is nothing": b"",
        "it is not an object": b"[]",
        "it is cut off": b'{"a":1',
        "it has a float": b'{"a":1.0}',
        "it has an exponent": b'{"a":1e2}',
        "it has a minus zero": b'{"a":-0}',
        "it has a leading zero": b'{"a":01}',
        "it has a number above 2^53 - 1": b'{"a":9007199254740992}',
        "it has a number below -2^53 + 1": b'{"a":-9007199254740992}',
        "it has NaN": b'{"a":NaN}',
        "it has null": b'{"a":null}',
        "it has true": b'{"a":true}',
        "it has a list": b'{"a":[1]}',
        "it has an object within": b'{"a":{"b":1}}',
        "a key occurs twice": b'{"a":1,"a":1}',
        "its keys are not in order": b'{"b":1,"a":1}',
        "a key has a capital": b'{"A":1}',
        "a key is empty": b'{"":1}',
        "it has white space": b'{"a": 1}',
        "it begins with white space": b' {"a":1}',
        "there is a line feed after it": b'{"a":1}\n',
        "it begins with a byte order mark": b'\xef\xbb\xbf{"a":1}',
        "it escapes what needs no escape": b'{"a":"\\u0041"}',
        "it escapes a stroke": b'{"a":"\\/"}',
        "it has a control character": b'{"a":"\\n"}',
        "it has a delete": b'{"a":"\x7f"}',
        "it has a letter that is not ASCII": '{"a":"é"}'.encode(),
        "it has an escaped letter that is not ASCII": b'{"a":"\\u00e9"}',
        "it is not UTF-8": b'{"a":"\xff"}',
        "something follows it": b"{}{}",
    }
    return {
        "good": [{**spelled(one), **digests(one)} for one in good],
        "bad": [bad_case(reason, one) for reason, one in bad.items()],
    }


def entry_cases() -> Case:
    body = signal(0)
    hold = {"direction": "HOLD", "reason": "weak", "stop": None, "target": None}
    void = dict.fromkeys(("start", "start_us", "end", "end_us", "return_bp"))
    good = [
        strategy(0),
        strategy(0, disclosure="delayed", reveal_after_s=900),
        body,
        changed(body, **hold),
        quiet(0),
        commit(0, body),
        reveal(1, body, 0),
        outcome(0, 0),
        changed(outcome(0, 0), result="void", problem="no price", official_us=None, **void),
        trade(0),
        changed(trade(0), price=None),
        entry_of("correct", index=3, note="the feed was late"),
        entry_of("retire", note="replaced"),
        key_entry(0),
        key_entry(0, use="witness", key=str(WITNESS.key)),
    ]
    bad = {
        "its version is not 1": changed(body, v=2),
        "its kind is unknown": changed(body, kind="advice"),
        "its kind is missing": changed(body, kind=None),
        "a member is missing": changed(body, feed=None),
        "a member is unknown": changed(body, mood="good"),
        "a member has another type": changed(body, horizon_s="3600"),
        "the log's name has a space": changed(body, log="argo example"),
        "the strategy's name has a capital": changed(body, strategy="Alpha"),
        "its sequence number is negative": changed(body, seq=-1),
        "a symbol is in small letters": changed(body, symbol="brk.b"),
        "a decimal has an exponent": changed(trade(0), quantity="1e3"),
        "a decimal has a plus": changed(trade(0), quantity="+10"),
        "a decimal has a leading zero": changed(trade(0), quantity="010"),
        "a decimal has no digit after the point": changed(trade(0), quantity="10."),
        "a decimal is a minus zero": changed(trade(0), quantity="-0.00"),
        "a hash is in capitals": changed(body, inputs_sha256="A" * 64),
        "a hash is too short": changed(body, inputs_sha256="a" * 63),
        "a confidence is above 10,000": changed(body, confidence_bp=10_001),
        "contributions do not add up": changed(body, phi_grok_bp=4_001),
        "a price has not price_scale decimals": changed(body, entry="182.3"),
        "a price is zero": changed(body, entry="0.00"),
        "a price is negative": changed(body, stop="-180.00"),
        "a BUY has no stop": changed(body, stop=None),
        "a HOLD has a stop": changed(body, direction="HOLD", target=None),
        "one of a group is missing": changed(body, age_grok_us=None),
        "evidence does not begin at 1": changed(
            body,
            **{f"e1_{name}": None for name in ("source", "kind", "value", "unit", "as_of_us")},
            e2_source="massive",
            e2_kind="rsi",
            e2_value="61.5",
            e2_unit="",
            e2_as_of_us=AT,
        ),
        "open does not go with a delay": changed(strategy(0), reveal_after_s=900),
        "delayed does not go without one": changed(strategy(0), disclosure="delayed"),
        "a flag is 2": changed(strategy(0), paid_ai_grok=2),
        "a quiet stretch ends before it begins": changed(quiet(0), to_us=AT - 1),
        "a reveal has another nonce": changed(reveal(1, body, 0), nonce="0" * 64),
        "a reveal has another body": changed(reveal(1, body, 0), body=signal(1).decode()),
        "void has a price": changed(outcome(0, 0), result="void", problem="no price"),
        "a target has a problem": changed(outcome(0, 0), problem="no price"),
        "a target has no price": changed(outcome(0, 0), start=None),
        "a note is empty": changed(entry_of("retire", note="x"), note=""),
        "a note is too long": changed(entry_of("retire", note="x"), note="x" * 256),
        "a key is none": changed(key_entry(0), key="key"),
        "a key's id is another's": changed(
            key_entry(0), key=str(STRANGER.key).replace(STRANGER.key.key_id.hex(), "00000000")
        ),
        "a witness's key does not sign checkpoints": changed(key_entry(0), key=str(WITNESS.key)),
    }
    return {
        "good": [{"kind": decode(one)["kind"], **spelled(one), **digests(one)} for one in good],
        "bad": [bad_case(reason, one) for reason, one in bad.items()],
    }


def commitment_cases() -> Case:
    body = signal(0)
    told = commitment(NONCE, body)

    def case(nonce: bytes, body: bytes) -> Case:
        return {"nonce": nonce.hex(), "body": spelled(body), "commitment": told}

    return {
        "good": [case(NONCE, body)],
        "bad": [
            {**case(flipped(NONCE), body), "reason": "another nonce"},
            {**case(NONCE, signal(1)), "reason": "another body"},
            {**case(NONCE, body + b"\n"), "reason": "a line feed after the body"},
            {**case(NONCE[:-1], body), "reason": "a nonce that is too short"},
            {**case(NONCE + body[:1], body[1:]), "reason": "a nonce that is too long"},
        ],
    }
