"""The shipped exceptions are what the exchange's calendar says."""

import pytest


@pytest.mark.oracle
def test_the_shipped_exceptions_are_those_of_the_calendar() -> None:
    pytest.importorskip("exchange_calendars")
    from argo_adapters.bars import exceptions_generator  # noqa: PLC0415 - it needs the extra
    from argo_adapters.bars.exceptions import exceptions  # noqa: PLC0415 - beside it

    found = {day: f"{close:%H:%M}" if close else "" for day, close in exceptions().items()}
    assert dict(exceptions_generator.rows()) == found
