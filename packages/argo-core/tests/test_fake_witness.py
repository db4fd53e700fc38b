import asyncio

import pytest

from argo_core.errors import WitnessAway
from argo_core.ledger.cosignature import check_cosignature
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.fake_witness import FakeWitness, forged
from argo_core.testing.witness import ReferenceWitness
from argo_core.testing.witness_contract import WitnessCase, WitnessContract, cosigned, request_of

WITNESS = "witness.example/alpine"


class TestFakeWitness(WitnessContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def witness(self, clock: FakeClock) -> FakeWitness:
        log, signer = FakeSigner(LOG), FakeSigner(WITNESS, COSIGNATURE)
        return FakeWitness(ReferenceWitness(signer, {LOG: log.key}, fake_verify), clock)

    @pytest.fixture
    def case(self, witness: FakeWitness, clock: FakeClock) -> WitnessCase:
        def fail() -> None:
            witness.failing = WitnessAway(WITNESS, "it is away")

        return WitnessCase(
            witness,
            log=FakeSigner(LOG),
            stranger=FakeSigner("stranger.example/log"),
            verify=fake_verify,
            now_s=lambda: int(clock.now().timestamp()),
            fail=fail,
        )

    async def test_it_comes_back_and_goes_on(self, case: WitnessCase, witness: FakeWitness) -> None:
        case.fail()
        with pytest.raises(WitnessAway):
            await witness.add_checkpoint(request_of(case.log, 0, 5))
        witness.failing = None
        await cosigned(case, request_of(case.log, 0, 5))
        assert [one.old_size for one in witness.asked] == [0, 0]

    async def test_it_lies_when_told_to(self, case: WitnessCase, witness: FakeWitness) -> None:
        witness.lie = forged
        asked = request_of(case.log, 0, 5)
        answer = await witness.add_checkpoint(asked)
        assert not isinstance(answer, int)
        text = asked.checkpoint.decode().partition("\n\n")[0] + "\n"
        assert [check_cosignature(text, one, witness.key, fake_verify) for one in answer] == [None]
        witness.lie = lambda lines: 99
        assert await witness.add_checkpoint(request_of(case.log, 5, 5)) == 99

    async def test_its_answers_take_as_long_as_told(
        self, case: WitnessCase, witness: FakeWitness, clock: FakeClock
    ) -> None:
        witness.delay_s = 2.5
        before = case.now_s()
        answer = asyncio.ensure_future(cosigned(case, request_of(case.log, 0, 5)))
        await clock.advance(2.4)
        assert not answer.done()
        await clock.advance(0.6)
        assert (await answer).time_s == before + 2
