"""The promises of `Tracer`, as tests. Inherit, and give the fixture `case`."""
# ruff: noqa: S101 - a contract is made of assertions

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest
from attrs import frozen

from argo_core.ports import Tracer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


@frozen
class Told:
    """What a tracer keeps of a piece of work; `parent` is 0 where it is a part of none."""

    name: str
    trace_id: int
    id: int
    parent: int
    attributes: Mapping[str, object]
    failed: str | None = None


@frozen
class TracerCase:
    """A tracer, and what it has kept so far, in the order in which it ended."""

    tracer: Tracer
    told: Callable[[], Sequence[Told]]

    def one(self, name: str) -> Told:
        """The only one of that name."""
        (found,) = [one for one in self.told() if one.name == name]
        return found


class TracerContract:
    """A class of tests for one implementation of `Tracer`."""

    def test_a_block_is_a_piece_of_work_with_what_is_said_of_it(self, case: TracerCase) -> None:
        with case.tracer.span("ask", source="grok", symbols=2) as span:
            span.note(items=1, hit=True)
        told = case.one("ask")
        assert told.attributes == {"source": "grok", "symbols": 2, "items": 1, "hit": True}
        assert (told.parent, told.failed) == (0, None)

    def test_blocks_within_are_its_parts_and_not_each_others(self, case: TracerCase) -> None:
        with case.tracer.span("cycle"):
            with case.tracer.span("decide"):
                pass
            with case.tracer.span("append"):
                pass
        with case.tracer.span("alone"):
            pass
        cycle, alone = case.one("cycle"), case.one("alone")
        assert [case.one(name).parent for name in ("decide", "append")] == [cycle.id, cycle.id]
        assert case.one("append").trace_id == cycle.trace_id
        assert alone.parent == 0
        assert alone.trace_id != cycle.trace_id

    async def test_a_task_that_begins_within_is_a_part_though_it_ends_later(
        self, case: TracerCase
    ) -> None:
        late = asyncio.Event()

        async def ask() -> None:
            with case.tracer.span("ask"):
                await late.wait()

        with case.tracer.span("cycle"):
            asking = asyncio.create_task(ask())
            await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop, and no time
        late.set()
        await asking
        assert [one.name for one in case.told()] == ["cycle", "ask"]
        assert case.one("ask").parent == case.one("cycle").id

    async def test_a_mark_leads_another_task_to_where_it_was_made(self, case: TracerCase) -> None:
        assert case.tracer.mark() is None
        with case.tracer.span("cycle"):
            mark = case.tracer.mark()
        with (
            case.tracer.span("other"),
            case.tracer.span("publication", mark),
            case.tracer.span("line"),
        ):
            pass
        assert case.one("publication").parent == case.one("cycle").id
        assert case.one("line").parent == case.one("publication").id
        assert case.tracer.mark() is None

    @pytest.mark.parametrize("kind", [ValueError, asyncio.CancelledError])
    def test_what_is_raised_is_what_became_of_it_and_goes_on(
        self, case: TracerCase, kind: type[BaseException]
    ) -> None:
        with pytest.raises(kind), case.tracer.span("append"):
            raise kind("a secret of somebody's")
        told = case.one("append")
        assert told.failed == kind.__name__
        assert "secret" not in repr(told)

    def test_a_failure_that_is_a_value_is_said(self, case: TracerCase) -> None:
        with case.tracer.span("ask") as span:
            span.note(failed="VendorUnavailable")
        assert case.one("ask").failed == "VendorUnavailable"

    def test_a_caller_s_header_leads_into_its_trace(self, case: TracerCase) -> None:
        caller = case.tracer.caller(f"00-{TRACE}-{CALLER}-01")
        with case.tracer.span("request", caller):
            pass
        told = case.one("request")
        assert (told.trace_id, told.parent) == (int(TRACE, 16), int(CALLER, 16))

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "00",
            f"01-{TRACE}-{CALLER}-01",
            f"00-{TRACE.upper()}-{CALLER}-01",
            f"00-{'0' * 32}-{CALLER}-01",
            f"00-{TRACE}-{'0' * 16}-01",
            f"00-{TRACE}-{CALLER}-01-more",
            f"00-{TRACE}-{CALLER}-01\n",
            f" 00-{TRACE}-{CALLER}-01",
            "00-" * 10_000,
        ],
    )
    def test_anything_else_is_nobody_s_header(self, case: TracerCase, header: str) -> None:
        assert case.tracer.caller(header) is None
