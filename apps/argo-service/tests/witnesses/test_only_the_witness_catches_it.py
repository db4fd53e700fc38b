"""What no check of our own can see: a log cut back, or written anew by somebody with its key."""

import asyncio
from shutil import copyfile
from typing import Any

import pytest
from attrs import evolve

from argo_adapters.keys.ed25519 import verify_ed25519
from argo_adapters.sqlite.verify import verify
from argo_core.errors import LogBehind, LogUnavailable
from argo_core.ledger.checkpoint import open_checkpoint
from argo_core.ledger.cosignature import cosignatures


async def cosign(argo: Any, count: int) -> None:
    """Write that many entries and have them cosigned."""
    async with argo.running() as (log, publication, watching):
        await argo.write(log, count)
        publication.offer()
        await asyncio.wait_for(watching.cosigned.wait(), 10)
        assert not publication.published.pending


async def test_what_is_written_is_public_with_the_witness_s_word(argo: Any) -> None:
    async with argo.running() as (log, publication, watching):
        assert publication.published is None
        await argo.write(log, 3)
        publication.offer()
        published = await asyncio.wait_for(publication.beyond(2), 10)
        assert (published.size, published.pending) == (3, False)
        _, note = open_checkpoint(published.note.encode(), log.key, verify_ed25519)
        (good,) = cosignatures(note, (argo.alpine.reference.key,), verify_ed25519)
        assert await log.witnessed_at(2) == good.time_s
    async with argo.running() as (log, publication, watching):
        await argo.write(log, 3)
        publication.offer()
        assert (await asyncio.wait_for(publication.beyond(3), 10)).size == 6
        assert watching.problems == []


async def test_a_log_cut_back_to_an_older_valid_checkpoint_does_not_start(argo: Any) -> None:
    database = argo.settings.database
    await cosign(argo, 3)
    await asyncio.to_thread(copyfile, database, database.with_name("older"))
    await cosign(argo, 3)
    argo.remove_log()
    await asyncio.to_thread(copyfile, database.with_name("older"), database)

    assert (await asyncio.to_thread(verify, database)).verified
    with pytest.raises(LogBehind, match="has cosigned 6 entries, and 3 are here"):
        async with argo.running():
            pass
    assert argo.alpine.statuses[-1] == 409


async def test_a_log_that_is_gone_does_not_start_anew(argo: Any) -> None:
    await cosign(argo, 3)
    argo.remove_log()
    with pytest.raises(LogBehind, match="has cosigned 3 entries, and 0 are here"):
        async with argo.running():
            pass


@pytest.mark.parametrize(("count", "status"), [(4, 409), (6, 422), (9, 422)])
async def test_an_insider_who_signs_another_history_is_refused(
    argo: Any, count: int, status: int
) -> None:
    await cosign(argo, 4)
    argo.remove_log()
    await argo.write_without_witnesses(count, at_us=7)

    assert (await asyncio.to_thread(verify, argo.settings.database)).verified
    with pytest.raises(LogBehind, match="refuses what follows 4 entries"):
        async with argo.running():
            pass
    assert argo.alpine.statuses[-1] == status


async def test_while_its_witness_is_away_a_log_is_not_gone_on_with(argo: Any) -> None:
    await cosign(argo, 4)
    argo.alpine.away = True
    with pytest.raises(LogUnavailable, match=r"log\.start_unheard"):
        async with argo.running():
            pass


async def test_a_witness_that_is_away_makes_pending_and_heals(argo: Any) -> None:
    unheard = evolve(argo.settings.log, start_unheard=True)
    argo = evolve(argo, settings=evolve(argo.settings, log=unheard))
    argo.alpine.away = True
    async with argo.running() as (log, publication, watching):
        await argo.write(log, 3)
        publication.offer()
        published = await asyncio.wait_for(publication.beyond(2), 10)
        assert published.pending
        assert "WitnessAway" in watching.problems
        assert await log.witnessed_at(0) is None
        argo.alpine.away = False
        await asyncio.wait_for(watching.cosigned.wait(), 20)
        assert publication.published.size == 3
        assert not publication.published.pending
        assert await log.witnessed_at(0) is not None
