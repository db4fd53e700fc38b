"""What an entry must have, may have, and must not contradict."""

from typing import Any

import pytest

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import decode, encode
from argo_core.ledger.entry import decode_entry, encode_entry
from argo_core.ledger.kinds.signal import MAX_EVIDENCE
from argo_core.testing.entries import tiny_quiet, tiny_signal

SIGNAL = decode(tiny_signal(3))
HOLD = decode(tiny_signal(3, direction="HOLD", confidence_bp=10))
QUIET = decode(tiny_quiet(4))
OPTIONAL = {"stop", "target"}


def evidence(number: int) -> dict[str, Any]:
    return {
        f"e{number}_source": "massive",
        f"e{number}_kind": "rsi",
        f"e{number}_value": "61.5",
        f"e{number}_unit": "",
        f"e{number}_as_of_us": 5,
    }


def source(name: str, phi: int) -> dict[str, Any]:
    return {
        f"phi_{name}_bp": phi,
        f"strength_{name}_e4": -10_000,
        f"age_{name}_us": 0,
        f"raw_{name}_sha256": "a" * 64,
    }


def test_an_entry_says_what_it_is() -> None:
    entry = decode_entry(tiny_signal(3, strategy="beta", decided_us=5))
    assert (entry.kind, entry.strategy, entry.seq, entry.decided_us) == ("signal", "beta", 3, 5)
    assert entry.text("symbol") == "AAPL"
    assert entry.number("confidence_bp") == 8_000


@pytest.mark.parametrize("fields", [SIGNAL, HOLD, QUIET])
def test_an_entry_survives_the_way_there_and_back(fields: dict[str, Any]) -> None:
    assert decode_entry(encode_entry(fields)).fields == fields


@pytest.mark.parametrize("name", sorted(SIGNAL))
def test_every_member_of_a_signal_is_needed(name: str) -> None:
    fields = {key: value for key, value in SIGNAL.items() if key != name}
    with pytest.raises(InvalidInput):
        encode_entry(fields)
    with pytest.raises(InvalidInput):
        decode_entry(encode(fields))


@pytest.mark.parametrize("name", sorted(QUIET))
def test_every_member_of_a_quiet_stretch_is_needed(name: str) -> None:
    with pytest.raises(InvalidInput):
        encode_entry({key: value for key, value in QUIET.items() if key != name})


@pytest.mark.parametrize("name", sorted(SIGNAL))
def test_every_member_has_its_own_type(name: str) -> None:
    other = "x" if isinstance(SIGNAL[name], int) else 7
    with pytest.raises(InvalidInput):
        encode_entry({**SIGNAL, name: other})


@pytest.mark.parametrize("name", ["extra", "stop_", "count_weak", "phi__bp", "e0_kind", "e13_kind"])
def test_a_member_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"{name}: this kind of entry has no such member"):
        encode_entry({**SIGNAL, name: 1})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"v": 2}, "v"),
        ({"kind": "rumour"}, "kind"),
        ({"kind": 1}, "kind"),
        ({"log": "with space"}, "log"),
        ({"strategy": "Alpha"}, "strategy"),
        ({"seq": -1}, "seq"),
        ({"symbol": "aapl"}, "symbol"),
        ({"direction": "UP"}, "direction"),
        ({"reason": "Weak!"}, "reason"),
        ({"confidence_bp": 10_001}, "confidence_bp"),
        ({"coverage_bp": -1}, "coverage_bp"),
        ({"horizon_s": 0}, "horizon_s"),
        ({"inputs_sha256": "A" * 64}, "inputs_sha256"),
        ({"raw_massive_sha256": "0" * 63}, "raw_massive_sha256"),
        ({"entry": "182.3"}, "entry"),
        ({"entry": "-182.30"}, "entry"),
        ({"entry": "0.00"}, "entry"),
        ({"entry": "1e3"}, "entry"),
        ({"stop": "180"}, "stop"),
        ({"target": "0.00"}, "target"),
        ({"price_scale": 3}, "entry"),
        ({"confidence_bp": 7_999}, "confidence_bp"),
        ({"phi_massive_bp": 7_999}, "confidence_bp"),
        ({"feed": ""}, "feed"),
    ],
)
def test_a_wrong_value_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        encode_entry({**SIGNAL, **change})
    assert caught.value.field == field


def test_a_hold_has_no_levels_and_others_have_both() -> None:
    with pytest.raises(InvalidInput, match="HOLD has neither"):
        encode_entry({**HOLD, "stop": "180.00", "target": "185.00"})
    for missing in sorted(OPTIONAL):
        with pytest.raises(InvalidInput, match="BUY and SELL have"):
            encode_entry({key: value for key, value in SIGNAL.items() if key != missing})


def test_contributions_of_several_sources_add_up() -> None:
    fields = {**SIGNAL, **source("massive", 9_000), **source("alpha_vantage", -1_000)}
    assert decode_entry(encode_entry(fields)).fields == fields
    with pytest.raises(InvalidInput, match="add up to 8001"):
        encode_entry({**fields, "phi_alpha_vantage_bp": -999})


def test_a_source_comes_with_all_of_its_members() -> None:
    with pytest.raises(InvalidInput, match="grok: some of its members are missing"):
        encode_entry({**SIGNAL, "phi_grok_bp": 0})


def test_evidence_is_numbered_from_one_to_twelve() -> None:
    full = {**SIGNAL}
    for number in range(1, MAX_EVIDENCE + 1):
        full |= evidence(number)
        assert decode_entry(encode_entry(full)).fields == full
    with pytest.raises(InvalidInput, match="no such member"):
        encode_entry({**full, **evidence(MAX_EVIDENCE + 1)})


@pytest.mark.parametrize("numbers", [[2], [1, 3], [2, 3], [10]])
def test_a_number_left_out_of_the_evidence_is_refused(numbers: list[int]) -> None:
    fields = {**SIGNAL}
    for number in numbers:
        fields |= evidence(number)
    with pytest.raises(InvalidInput, match="the number before it is missing"):
        encode_entry(fields)


def test_a_quiet_stretch_counts_reasons_and_goes_forward() -> None:
    fields = {**QUIET, "count_weak": 3, "count_no_quorum": 0}
    assert decode_entry(encode_entry(fields)).fields == fields
    with pytest.raises(InvalidInput, match="from_us"):
        encode_entry({**QUIET, "from_us": QUIET["decided_us"], "to_us": 0})
    with pytest.raises(InvalidInput, match="count_weak"):
        encode_entry({**QUIET, "count_weak": -1})


def test_refusals_of_one_shape_do_not_depend_on_what_came_before() -> None:
    # The rules for a shape are kept; only the values may decide afterwards.
    encode_entry(SIGNAL)
    with pytest.raises(InvalidInput, match="seq"):
        encode_entry({**SIGNAL, "seq": "3"})
    with pytest.raises(InvalidInput, match="symbol"):
        encode_entry({**SIGNAL, "symbol": 3})
    encode_entry(SIGNAL)
