import pytest

from argo_core.testing.book_rig import BookRig


@pytest.fixture
def rig() -> BookRig:
    return BookRig()
