"""An error that is raised in another process comes back whole."""

import pickle

import pytest

from argo_core.errors import InvalidInput, InvalidSetting


@pytest.mark.parametrize("kind", [InvalidInput, InvalidSetting])
def test_a_refusal_is_the_same_after_it_was_pickled(kind: type[InvalidInput]) -> None:
    back = pickle.loads(pickle.dumps(kind("age", "it is -1", "give 0 or more")))  # noqa: S301
    assert type(back) is kind
    assert (back.field, back.problem, back.fix) == ("age", "it is -1", "give 0 or more")
    assert str(back) == "age: it is -1; give 0 or more"
