"""A key that is being rotated: one of its two values works, whichever comes first."""

import pickle

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from argo_core.errors import InvalidInput
from argo_core.resilience.rotation import PAUSE_S, Credential, Key, Rotation
from argo_core.resilience.secret import Secret, SecretValue


def key(*parts: str) -> Key:
    return tuple(map(Secret, parts))


OLD, NEW, NEWER = key("old"), key("new"), key("newer")


def test_without_a_previous_value_a_refusal_stays_one() -> None:
    rotation = Rotation(Credential(NEW))
    assert rotation.refused(NEW, 0.0) is None
    assert rotation.in_use == NEW
    assert not rotation.is_previous


def test_a_new_value_that_the_vendor_does_not_take_yet_gives_way_to_the_old_one() -> None:
    rotation = Rotation(Credential(NEW, OLD))
    assert rotation.refused(NEW, 0.0) == OLD
    assert rotation.is_previous
    # The store says the same as before, and the old one goes on working.
    assert not rotation.read(Credential(NEW, OLD))
    assert rotation.in_use == OLD
    # Then the vendor drops the old one.
    assert rotation.refused(OLD, PAUSE_S) == NEW
    assert not rotation.is_previous


def test_an_old_value_that_was_dropped_before_the_store_was_read_gives_way_to_the_new_one() -> None:
    rotation = Rotation(Credential(OLD))
    assert rotation.refused(OLD, 0.0) is None
    assert rotation.read(Credential(NEW, OLD))
    assert rotation.in_use == NEW


def test_two_values_that_are_both_refused_do_not_take_turns_at_every_call() -> None:
    rotation = Rotation(Credential(NEW, OLD))
    assert rotation.refused(NEW, 0.0) == OLD
    assert rotation.refused(OLD, PAUSE_S - 0.001) is None
    assert rotation.refused(OLD, PAUSE_S) == NEW


def test_calls_that_were_under_way_together_are_told_what_the_first_found_out() -> None:
    rotation = Rotation(Credential(NEW, OLD))
    assert rotation.refused(NEW, 0.0) == OLD
    assert rotation.refused(NEW, 0.1) == OLD
    assert rotation.in_use == OLD


def test_a_new_version_is_tried_at_once_and_may_be_refused_at_once() -> None:
    rotation = Rotation(Credential(NEW, OLD))
    assert rotation.refused(NEW, 0.0) == OLD
    assert rotation.read(Credential(NEWER, NEW))
    assert rotation.in_use == NEWER
    assert rotation.refused(NEWER, 0.1) == NEW


def test_a_value_that_the_store_has_forgotten_is_not_used_any_more() -> None:
    rotation = Rotation(Credential(NEW, OLD))
    rotation.refused(NEW, 0.0)
    assert rotation.read(Credential(NEW))
    assert rotation.in_use == NEW


def test_a_key_of_two_parts_changes_both_at_once() -> None:
    name = SecretValue(Secret("id-2"), "2", Secret("id-1"))
    word = SecretValue(Secret("word-2"), "2", Secret("word-1"))
    found = Credential.of([name, word])
    assert found == Credential(key("id-2", "word-2"), key("id-1", "word-1"))


def test_a_part_that_stays_goes_with_both_values_of_the_other() -> None:
    same = SecretValue(Secret("id"), "1")
    word = SecretValue(Secret("word-2"), "2", Secret("word-1"))
    assert Credential.of([same, word]).previous == key("id", "word-1")
    assert Credential.of([same]).previous is None
    assert Credential.of([SecretValue(Secret("id"), "1", Secret("id"))]).previous is None


def test_a_key_has_parts() -> None:
    with pytest.raises(InvalidInput, match="parts"):
        Credential.of([])


def test_nothing_shown_of_a_credential_holds_it() -> None:
    kept = Credential(key("canary-7f3a"), key("canary-91bc"))
    assert "canary" not in f"{kept!r} {SecretValue(Secret('canary-7f3a'), '1')!r}"


def test_a_secret_shows_itself_to_nobody_and_is_the_same_as_its_equal() -> None:
    one = Secret("canary-7f3a")
    assert "canary" not in f"{one} {one!r} {one:>20}" + str(one)
    assert (one == Secret("canary-7f3a"), one == Secret("other"), one == "canary-7f3a") == (
        True,
        False,
        False,
    )
    assert hash(one) == hash(Secret("canary-7f3a"))
    assert one.reveal() == "canary-7f3a"
    with pytest.raises(TypeError, match="by reference"):
        pickle.dumps(one)


class RotatedKey(RuleBasedStateMachine):
    """A vendor that takes a window of versions, and a store that is read now and then."""

    @initialize()
    def begin(self) -> None:
        self.stored, self.now = 1, 0.0
        self.taken = {1}
        self.rotation = Rotation(self.credential())

    def credential(self) -> Credential:
        before = key(str(self.stored - 1)) if self.stored > 1 else None
        return Credential(key(str(self.stored)), before)

    @rule()
    def the_store_rotates(self) -> None:
        self.stored += 1

    @rule()
    def the_vendor_learns_the_new_one(self) -> None:
        self.taken = {self.stored, self.stored - 1}

    @rule()
    def the_store_is_read(self) -> None:
        self.rotation.read(self.credential())

    @rule(seconds=st.sampled_from([0.0, 1.0, PAUSE_S]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def a_call_after_a_pause_finds_a_value_that_is_taken_if_the_store_has_one(self) -> None:
        self.now += PAUSE_S
        self.rotation.read(self.credential())
        shown = self.rotation.in_use
        for _ in range(2):
            if int(shown[0].reveal()) in self.taken:
                break
            shown = self.rotation.refused(shown, self.now) or shown
        known = {self.stored, self.stored - 1} - {0}
        assert int(shown[0].reveal()) in self.taken or not known & self.taken

    @invariant()
    def only_what_the_store_has_had_is_shown(self) -> None:
        assert 1 <= int(self.rotation.in_use[0].reveal()) <= self.stored


TestRotatedKey = RotatedKey.TestCase
