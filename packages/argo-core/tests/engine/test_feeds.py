"""A second word on each price: the newest of any other feed, which decides nothing."""

from datetime import timedelta
from decimal import Decimal

from argo_core.engine.feeds import MOST_FEEDS
from argo_core.engine.known import Known
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.quote import Quote
from argo_core.testing.strategies import NOON

NVR, AZO = Symbol("NVR"), Symbol("AZO")


def quote(feed, price, seconds=0, symbol=NVR):
    at = NOON + timedelta(seconds=seconds)
    return Quote(symbol, Decimal(price), at, at, feed)


def known_of(*quotes):
    known = Known((instrument("NVR"), instrument("AZO")))
    dropped = known.observe(quotes, NOON)
    return known, dropped


def test_one_feed_has_no_second():
    known, _ = known_of(quote("a", 10))
    assert known.seconds() == {}


def test_the_newest_of_the_others_is_the_second():
    known, _ = known_of(quote("a", 10, 0), quote("b", 11, -2), quote("c", 12, -1))
    assert known.quotes == {NVR: quote("a", 10, 0)}
    assert known.seconds() == {NVR: quote("c", 12, -1)}


def test_a_price_too_old_to_be_held_is_still_a_second_and_still_counts_as_dropped():
    known, dropped = known_of(quote("a", 10, 0), quote("b", 11, -2))
    assert dropped == 1
    assert known.seconds() == {NVR: quote("b", 11, -2)}


def test_an_older_price_of_the_same_feed_changes_nothing():
    known, _ = known_of(quote("a", 10, 0), quote("b", 11, -1), quote("b", 12, -2))
    assert known.seconds() == {NVR: quote("b", 11, -1)}


def test_symbols_are_kept_apart():
    known, _ = known_of(quote("a", 10), quote("b", 11, -1, AZO))
    assert known.seconds() == {}


def test_what_cannot_be_a_price_is_no_second():
    known, dropped = known_of(
        quote("a", 10), quote("b", 11, 60), quote("c", "0.01"), quote("d", 12, 0, Symbol("XYZ"))
    )
    assert dropped == 3
    assert known.seconds() == {}


def test_of_many_feeds_the_oldest_are_forgotten():
    known, _ = known_of(*(quote(f"feed-{age}", 10 + age, -age) for age in range(MOST_FEEDS + 3)))
    assert known.seconds() == {NVR: quote("feed-1", 11, -1)}
    assert len(known._feeds._newest[NVR]) == MOST_FEEDS
