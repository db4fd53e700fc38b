"""Checking by command: only pinned keys are believed."""

from pathlib import Path

import orjson
import pytest
import pytest_asyncio
from attrs import frozen

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, make_signer
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.operating import Operator
from alpine_service.testing.small_log import SmallLog

NAMES = ["entry", "proof file", "signature", "witnesses", "log", "inclusion"]


@frozen
class Files:
    """An entry and its proof file."""

    entry: Path
    proof: Path

    @property
    def words(self) -> tuple[str, str]:
        return str(self.entry), str(self.proof)


@pytest_asyncio.fixture
async def files(log: SmallLog, tmp_path: Path) -> Files:
    await log.append(strategy_members(), *(signal_members(f"s-{each}") for each in range(5)))
    laid = Files(tmp_path / "3.json", tmp_path / "3.tlog-proof")
    laid.entry.write_bytes(log.entries[3])
    laid.proof.write_bytes(log.proof_file(3))
    return laid


@pytest.fixture
def sceptic(tmp_path: Path) -> Operator:
    """Somebody with nothing but the keys' addresses; there is no Alpine."""
    return Operator({"ALPINE_FOLDER": str(tmp_path / "none"), "ALPINE_PORT": "1"})


def _pins(log: SmallLog, witness: Ed25519Signer) -> tuple[str, ...]:
    return "--log-key", str(log.key), "--witness-key", witness.key


async def test_an_entry_and_its_proof_are_proved_offline(
    sceptic: Operator, files: Files, log: SmallLog, witness: Ed25519Signer
) -> None:
    for words in (files.words, files.words[::-1]):
        done = await sceptic("verify", *words, *_pins(log, witness), "--json")
        assert done.json["state"] == "proved"
        assert [step["name"] for step in done.json["steps"]] == NAMES
    told = await sceptic("verify", *files.words, *_pins(log, witness))
    assert told.out.splitlines()[-1] == "proved"
    assert log.record.root(6).hex() in told.out


async def test_an_altered_entry_is_refuted(
    sceptic: Operator, files: Files, log: SmallLog, witness: Ed25519Signer
) -> None:
    files.entry.write_bytes(files.entry.read_bytes().replace(b"190.00", b"191.00"))
    done = await sceptic("verify", *files.words, *_pins(log, witness), "--json", code=1)

    states = {step["name"]: step["state"] for step in done.json["steps"]}
    assert states == dict.fromkeys(NAMES, "proved") | {"inclusion": "refuted"}


async def test_keys_that_are_not_pinned_prove_nothing(
    sceptic: Operator, files: Files, log: SmallLog, witness: Ed25519Signer
) -> None:
    stranger = make_signer("stranger.example", b"\x09" * 32, Algorithm.COSIGNATURE)
    pending = await sceptic("verify", *files.words, *_pins(log, stranger), code=2)
    assert pending.out.splitlines()[-1] == "pending"
    other = make_signer(log.name, b"\x09" * 32, Algorithm.CHECKPOINT)
    pins = ("--log-key", other.key, "--witness-key", witness.key)
    refuted = await sceptic("verify", *files.words, *pins, code=1)
    assert "refuted:    signature" in refuted.out


async def test_without_a_witness_one_has_to_say_so(
    sceptic: Operator, files: Files, log: SmallLog
) -> None:
    done = await sceptic("verify", *files.words, "--log-key", str(log.key), code=2)
    assert "no witness is pinned" in done.errors
    alone = await sceptic("verify", *files.words, "--log-key", str(log.key), "--quorum", "0")
    assert "0 of the pinned witnesses cosigned it, 0 are needed" in alone.out


async def test_our_own_witness_is_pinned_without_a_word(
    log: SmallLog, files: Files, tmp_path: Path
) -> None:
    alpine = Operator({"ALPINE_FOLDER": str(tmp_path / "own"), "ALPINE_LOG_KEY": str(log.key)})
    key = (await alpine("witness", "key")).out.strip()
    done = await alpine("verify", *files.words, "--json", code=2)

    assert done.json["state"] == "pending"
    assert key not in done.out


async def test_a_commitment_is_opened_by_what_alpine_answered(
    sceptic: Operator, log: SmallLog, witness: Ed25519Signer, tmp_path: Path
) -> None:
    await log.append(strategy_members("delayed"))
    commit = await log.commit(signal_members("s-1"))
    sealed = log.record.sealed[commit.index]
    entry, proof, answer = (tmp_path / name for name in ("entry", "proof", "answer"))
    entry.write_bytes(log.entries[commit.index])
    proof.write_bytes(log.proof_file(commit.index))
    signal = orjson.loads(sealed.body)
    words = ("verify", str(entry), str(proof), *_pins(log, witness), "--signal", str(answer))

    answer.write_bytes(orjson.dumps({"nonce": sealed.nonce.hex(), "signal": signal}))
    done = await sceptic(*words, "--json")
    assert done.json["steps"][-1]["name"] == "opening"
    other = {"nonce": sealed.nonce.hex(), "signal": signal | {"symbol": "MSFT"}}
    answer.write_bytes(orjson.dumps(other))
    refuted = await sceptic(*words, code=1)
    assert "refuted:    opening" in refuted.out
    answer.write_bytes(b'{"nonce": null, "signal": null}')
    assert "no nonce and signal" in (await sceptic(*words, code=2)).errors


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("s-1",), "ClientConnectorError"),
        (("nowhere", "neither"), "there is no such file"),
        (("{entry}", "{entry}"), "too many of one kind"),
        (("{entry}", "--log-key", "no key"), "the pinned keys: "),
        (("{proof}",), "ClientConnectorError"),
        (("{entry}",), "ClientConnectorError"),
        (("{strategy}",), "a strategy entry has no id to ask for"),
        (("{entry}", "{proof}", "--signal", "{entry}"), "it has no nonce and signal"),
    ],
)
async def test_what_cannot_be_checked_is_neither_proved_nor_refuted(  # noqa: PLR0917 - cases
    sceptic: Operator,
    files: Files,
    log: SmallLog,
    witness: Ed25519Signer,
    words: tuple[str, ...],
    said: str,
) -> None:
    strategy = files.entry.with_name("0.json")
    strategy.write_bytes(log.entries[0])
    places = {"entry": files.entry, "proof": files.proof, "strategy": strategy}
    named = [word.format(**places) for word in words]
    done = await sceptic("verify", *_pins(log, witness), *named, code=2)

    assert done.out == ""
    (line,) = done.errors.splitlines()
    assert said in line
