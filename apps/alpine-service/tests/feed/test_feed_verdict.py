"""What a proof file proves of one entry, and to whom."""

import pytest

from alpine_service.adapters.secrets.ed25519 import make_signer, verify_ed25519
from alpine_service.domain.feed.policy import Policy
from alpine_service.domain.feed.proof_file import (
    LARGEST_FILE,
    read_proof_file,
    write_proof_file,
)
from alpine_service.domain.feed.verdict import State, Verdict, check_entry, check_opening
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.errors import Malformed
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.small_log import SmallLog

WITNESS = make_signer("witness.example/one", b"\x02" * 32, Algorithm.COSIGNATURE)


async def published(log: SmallLog) -> SmallLog:
    await log.append(strategy_members(), signal_members("one"), signal_members("two"))
    return log


async def cosigned() -> SmallLog:
    return await published(SmallLog(cosigners=[WITNESS]))


def policy(log: SmallLog, quorum: int = 1) -> Policy:
    return Policy(log.key, (WITNESS.verifier_key,), quorum)


def check(log: SmallLog, data: bytes, file: bytes) -> Verdict:
    return check_entry(data, file, policy(log), verify_ed25519)


def states(verdict: Verdict) -> dict[str, State]:
    return {step.name: step.state for step in verdict.steps}


async def test_a_cosigned_entry_is_proved_with_the_values_that_were_compared() -> None:
    log = await cosigned()
    verdict = check(log, log.entries[1], log.proof_file(1))
    assert verdict.state is State.PROVED
    assert list(states(verdict)) == [
        "entry",
        "proof file",
        "signature",
        "witnesses",
        "log",
        "inclusion",
    ]
    values = {name: value for step in verdict.steps for name, value in step.values.items()}
    assert values["index"] == "1"
    assert values["root"] == log.record.root(3).hex()
    assert values[str(WITNESS.verifier_key)] == str(log.record.now_us // 1_000_000)


async def test_without_witnesses_it_is_pending() -> None:
    log = await published(SmallLog())
    verdict = check(log, log.entries[1], log.proof_file(1))
    assert verdict.state is State.PENDING
    assert states(verdict)["witnesses"] is State.PENDING
    nobody = check_entry(log.entries[1], log.proof_file(1), Policy(log.key), verify_ed25519)
    assert nobody.state is State.PROVED


async def test_every_flipped_bit_of_a_proof_file_proves_nothing() -> None:
    log = await cosigned()
    file = log.proof_file(2)
    for bit in range(len(file) * 8):
        flipped = (int.from_bytes(file) ^ 1 << bit).to_bytes(len(file))
        assert check(log, log.entries[2], flipped).state in {State.REFUTED, State.PENDING}


async def test_every_flipped_bit_of_an_entry_is_refuted() -> None:
    log = await cosigned()
    file, entry = log.proof_file(0), log.entries[0]
    for bit in range(0, len(entry) * 8, 7):
        flipped = (int.from_bytes(entry) ^ 1 << bit).to_bytes(len(entry))
        assert states(check(log, flipped, file))["inclusion"] is State.REFUTED


async def test_another_entry_is_not_the_one_that_is_proved() -> None:
    log = await cosigned()
    verdict = check(log, log.entries[2], log.proof_file(1))
    assert verdict.state is State.REFUTED
    assert states(verdict)["signature"] is State.PROVED
    assert states(verdict)["inclusion"] is State.REFUTED


async def test_a_proof_that_is_none_leaves_the_rest_unchecked() -> None:
    log = await cosigned()
    found = states(check(log, log.entries[1], b"trust me"))
    assert found["entry"] is State.PROVED
    assert found["proof file"] is State.REFUTED
    rest = ("signature", "witnesses", "log", "inclusion")
    assert {found[name] for name in rest} == {State.UNCHECKED}


async def test_bytes_that_are_no_entry_are_in_the_log_all_the_same() -> None:
    log = await cosigned()
    index = log.record.add_anything(b"not an entry")
    await log.publish()
    found = states(check(log, b"not an entry", log.proof_file(index)))
    assert found["entry"] is State.REFUTED
    assert found["log"] is State.UNCHECKED
    assert found["inclusion"] is State.PROVED


async def test_an_entry_that_bears_another_logs_name_is_refuted() -> None:
    log = await cosigned()
    entry = log.add(signal_members("three"), log="other.example/log")
    await log.publish()
    found = states(check(log, entry.data, log.proof_file(entry.index)))
    assert found["log"] is State.REFUTED
    assert found["inclusion"] is State.PROVED


async def test_another_logs_proof_is_refuted() -> None:
    log, other = await cosigned(), await published(SmallLog(seed=b"\x09" * 32))
    found = states(check(log, other.entries[1], other.proof_file(1)))
    assert found["signature"] is State.REFUTED


async def test_an_opening_is_checked_on_its_own() -> None:
    log = SmallLog()
    await log.append(strategy_members("delayed"))
    commit = await log.commit(signal_members("sealed"))
    sealed = log.record.sealed[commit.index]
    assert check_opening(commit.data, sealed.nonce, sealed.body).state is State.PROVED
    assert check_opening(commit.data, bytes(32), sealed.body).state is State.REFUTED
    assert check_opening(log.entries[0], sealed.nonce, sealed.body).state is State.REFUTED
    assert check_opening(b"{}", sealed.nonce, sealed.body).state is State.REFUTED


async def test_extra_data_is_read_and_believed_by_nobody() -> None:
    log = await cosigned()
    plain = read_proof_file(log.proof_file(1))
    for extra in (b"x", b"\x00" * 4096):
        file = write_proof_file(1, plain.proof, plain.checkpoint.data, extra)
        assert read_proof_file(file).extra == extra
        assert check(log, log.entries[1], file).state is State.PROVED
    for bad in (b"", b"x" * 4097):
        with pytest.raises(Malformed):
            read_proof_file(write_proof_file(1, plain.proof, plain.checkpoint.data, bad))


@pytest.mark.parametrize(
    "beginning",
    [b"", b"c2sp.org/tlog-proof@v1", b"c2sp.org/tlog-proof@v1\nextra QQ==", b"\xc3\xa9"],
    ids=["nothing", "no index", "extra without index", "not ASCII"],
)
async def test_what_does_not_begin_like_a_proof_file_is_none(beginning: bytes) -> None:
    log = await cosigned()
    with pytest.raises(Malformed):
        read_proof_file(beginning + b"\n\n" + log.checkpoint)


async def test_a_proof_file_has_an_end() -> None:
    log = await cosigned()
    with pytest.raises(Malformed):
        read_proof_file(b"x" * LARGEST_FILE + b"\n\n" + log.checkpoint)
