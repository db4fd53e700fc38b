"""The shipped exceptions are what the exchange's calendar says."""

from importlib.resources import files

import pytest

from argo_adapters.bars.exceptions import FILE
from argo_adapters.bars.exceptions_generator import text


# The library's newest release uses what the newest pandas announces to change.
@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:Series.values:DeprecationWarning")
def test_the_shipped_exceptions_are_what_exchange_calendars_says() -> None:
    pytest.importorskip("exchange_calendars", reason="exchange_calendars is not installed")
    shipped = files("argo_adapters.bars").joinpath(FILE).read_text(encoding="ascii")
    assert text() == shipped
