"""What a log checks before it takes a batch, beyond the contract every store keeps."""

import pytest

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.intake import MAX_BATCH, MAX_CAPSULE_BYTES, Standing, follow, inspect
from argo_core.ledger.record import Batch, SignalQuery
from argo_core.market.moment import from_micros
from argo_core.testing.entries import LOG, signal_batch, tiny_quiet, tiny_signal


def test_a_batch_is_bounded() -> None:
    with pytest.raises(InvalidInput, match="entries"):
        inspect(Batch(0, (tiny_quiet(0),) * (MAX_BATCH + 1)))


def test_a_capsule_is_bounded() -> None:
    large = b"x" * (MAX_CAPSULE_BYTES + 1)
    with pytest.raises(InvalidInput, match="bytes"):
        inspect(Batch(0, (tiny_signal(0, capsule=large),), {sha256_hex(large): large}))


def test_following_leaves_the_old_standing_as_it_was() -> None:
    before = Standing(LOG)
    after, rows = follow(before, inspect(signal_batch(0, range(3))))
    assert before == Standing(LOG)
    assert (after.frontier.size, after.next_seq, rows) == (3, {"alpha": 3}, {})


@pytest.mark.parametrize(
    ("bounds", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"min_confidence_bp": -1}, "min_confidence_bp"),
        ({"min_confidence_bp": 10_001}, "min_confidence_bp"),
        ({"since": from_micros(2), "until": from_micros(2)}, "since"),
    ],
)
def test_a_query_out_of_bounds_is_refused(bounds: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        SignalQuery(**bounds)  # type: ignore[arg-type]  # the wrong values are the point
    assert caught.value.field == field
