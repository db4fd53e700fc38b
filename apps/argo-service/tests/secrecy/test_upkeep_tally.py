"""How secrets fare, as health sees it."""

from argo_core.consensus.opinion import GROK, SONAR
from argo_core.events import KeyRefused, Reloaded, SecretsFailed, SecretsRead
from argo_core.testing.fake_clock import BEGINNING
from argo_service.upkeep_tally import UpkeepTally

FAILED = SecretsFailed(BEGINNING, "sources.grok.key", "SecretsAway", "AWS cannot be reached")


def told(*events: SecretsRead | SecretsFailed | KeyRefused | Reloaded) -> UpkeepTally:
    tally = UpkeepTally()
    for event in events:
        tally.notice(event)
    return tally


def test_a_store_that_is_away_ails_until_it_is_read_again() -> None:
    assert not told().ails
    assert told(FAILED).ails
    assert told(FAILED).stale == {"sources.grok.key": "AWS cannot be reached"}
    assert not told(FAILED, SecretsRead(BEGINNING, 6)).ails


def test_a_vendor_that_takes_no_key_ails_and_one_that_takes_the_one_before_does_not() -> None:
    assert told(KeyRefused(GROK, BEGINNING, "none")).ails
    tally = told(KeyRefused(GROK, BEGINNING, "none"), KeyRefused(GROK, BEGINNING, "previous"))
    assert (tally.ails, tally.previous, tally.refused) == (False, {GROK}, set())


def test_new_values_have_been_refused_by_nobody_yet() -> None:
    refused = KeyRefused(SONAR, BEGINNING, "none")
    assert told(refused, SecretsRead(BEGINNING, 6)).ails
    assert not told(refused, SecretsRead(BEGINNING, 6, ("sources.sonar.key",))).ails


def test_reloads_are_counted_by_what_became_of_them() -> None:
    last = Reloaded(BEGINNING, "refused", ("seed",), "restart needed")
    tally = told(Reloaded(BEGINNING, "applied"), Reloaded(BEGINNING, "applied"), last)
    assert (tally.reloads["applied"], tally.reloads["refused"]) == (2, 1)
    assert tally.last_reload == last
