"""The fake tracer keeps the promises of the real one; where nothing is traced nothing is done."""

import pytest

from argo_core.codec.traceparent import TraceParent, parse_traceparent
from argo_core.engine.untraced import UNTRACED
from argo_core.testing.fake_tracer import FakeTracer
from argo_core.testing.tracer_contract import CALLER, TRACE, Told, TracerCase, TracerContract


class TestFakeTracer(TracerContract):
    @pytest.fixture
    def case(self) -> TracerCase:
        tracer = FakeTracer()

        def told() -> list[Told]:
            return [
                Told(
                    one.name,
                    one.trace_id,
                    one.id,
                    one.parent,
                    {name: what for name, what in one.attributes.items() if name != "failed"},
                    failed=str(one.attributes["failed"]) if "failed" in one.attributes else None,
                )
                for one in tracer.spans
            ]

        return TracerCase(tracer, told)


def test_where_nothing_is_traced_blocks_are_as_if_they_were_not_there() -> None:
    with UNTRACED.span("cycle", number=1) as outer, UNTRACED.span("ask", outer) as inner:
        inner.note(items=1)
    assert inner is outer
    assert UNTRACED.mark() is None
    assert UNTRACED.caller(f"00-{TRACE}-{CALLER}-01") is None
    with pytest.raises(ValueError, match="out"), UNTRACED.span("cycle"):
        raise ValueError("out")


@pytest.mark.parametrize(("flags", "sampled"), [("01", True), ("00", False), ("ff", True)])
def test_the_header_says_whether_the_caller_keeps_its_trace(flags: str, sampled: bool) -> None:
    parsed = parse_traceparent(f"00-{TRACE}-{CALLER}-{flags}")
    assert parsed == TraceParent(int(TRACE, 16), int(CALLER, 16), sampled)


@pytest.mark.parametrize("sampled", [True, False])
def test_what_is_written_is_read_back(sampled: bool) -> None:
    parent = TraceParent(0xABC, 0xDEF, sampled)
    assert parse_traceparent(str(parent)) == parent
