"""What the modules say of an entry and its proof in a real browser, and what the service says."""

from base64 import b64encode
from random import Random
from typing import Any

import pytest
from attrs import evolve, frozen
from playwright.async_api import Page

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, make_signer, verify_ed25519
from alpine_service.domain.feed.commitment import commitment
from alpine_service.domain.feed.policy import Policy
from alpine_service.domain.feed.proof_file import LARGEST_FILE, write_proof_file
from alpine_service.domain.feed.tree import leaf_hash
from alpine_service.domain.feed.verdict import check_entry
from alpine_service.domain.feed.verifier_key import Algorithm, read_verifier_key
from alpine_service.testing.members import outcome_members, signal_members, strategy_members
from alpine_service.testing.pages.proving_site import ProvingSite
from alpine_service.testing.small_log import SEED, SmallLog

# Bytes go to the browser in base64, and verdicts come back without them.
_VERIFY = """async ({ base, many }) => {
  const { verdictOf, verify } = await import(`${base}/verification.js`);
  const { fromBase64, fromHex } = await import(`${base}/bytes.js`);
  const answers = [];
  for (const { entry, proof, opened, ...given } of many) {
    const steps = [];
    const whole = { ...given, entry: fromBase64(entry), proof: fromBase64(proof) };
    if (opened) {
      const { nonce, body, commitment } = opened;
      whole.opened = { nonce: fromHex(nonce), body: fromBase64(body), commitment };
    }
    for await (const step of verify(whole)) steps.push(step);
    const { state, reason, step } = verdictOf(steps);
    const told = steps.map(({ name, state, reason, says }) => ({ name, state, reason, says }));
    answers.push({ state, reason, step: step?.name ?? null, steps: told });
  }
  return answers;
}"""
_FLIP = """async ({ base, given, what }) => {
  const { verdictOf, verify } = await import(`${base}/verification.js`);
  const { fromBase64 } = await import(`${base}/bytes.js`);
  const whole = { ...given, entry: fromBase64(given.entry), proof: fromBase64(given.proof) };
  const counts = {}, passed = [];
  for (let bit = 0; bit < 8 * whole[what].length; bit += 1) {
    const flipped = Uint8Array.from(whole[what]);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    const steps = [];
    for await (const step of verify({ ...whole, [what]: flipped })) steps.push(step);
    const { state } = verdictOf(steps);
    counts[state] = (counts[state] ?? 0) + 1;
    if (state === "verified") passed.push(bit);
  }
  return { counts, passed };
}"""
_IN_THE_BROWSER = {"proved": "verified", "pending": "pending", "refuted": "refuted"}


@frozen
class Given:
    """What is verified; `opened` is a nonce, a body and, unless it is empty, a commitment."""

    entry: bytes
    proof: bytes
    log_key: str
    witness_keys: tuple[str, ...]
    index: int
    quorum: int = 1
    opened: tuple[bytes, bytes, str] | None = None
    shown: tuple[tuple[str, str], ...] = ()

    def plain(self) -> dict[str, Any]:
        plain: dict[str, Any] = {
            "entry": b64encode(self.entry).decode(),
            "proof": b64encode(self.proof).decode(),
            "logKey": self.log_key,
            "witnessKeys": self.witness_keys,
            "quorum": self.quorum,
            "expectedIndex": self.index,
            "shown": self.shown,
        }
        if self.opened is not None:
            nonce, body, commitment = self.opened
            told = {"commitment": commitment} if commitment else {}
            plain["opened"] = {"nonce": nonce.hex(), "body": b64encode(body).decode(), **told}
        return plain


def given(log: SmallLog, index: int = 5) -> Given:
    keys = tuple(each.key for each in log.cosigners)
    return Given(log.entries[index], log.proof_file(index), str(log.key), keys, index)


async def verdicts(page: Page, site: ProvingSite, many: list[Given]) -> list[dict[str, Any]]:
    plain = [each.plain() for each in many]
    found: list[dict[str, Any]] = await page.evaluate(
        _VERIFY, {"base": site.modules, "many": plain}
    )
    return found


async def verdict(page: Page, site: ProvingSite, one: Given) -> dict[str, Any]:
    (found,) = await verdicts(page, site, [one])
    return found


async def test_a_cosigned_entry_is_verified_step_by_step(
    page: Page, site: ProvingSite, log: SmallLog
) -> None:
    found = await verdict(page, site, evolve(given(log), shown=(("symbol", "AAPL"),)))
    assert (found["state"], found["reason"]) == ("verified", "")
    names = [step["name"] for step in found["steps"]]
    assert names == [
        "entry",
        "leaf",
        "proof file",
        "path",
        "root",
        "signature",
        "witnesses",
        "shown",
    ]
    assert {step["state"] for step in found["steps"]} == {"passed"}


async def test_every_step_shows_the_bytes_it_computed_with(
    page: Page, site: ProvingSite, log: SmallLog
) -> None:
    shows = """async ({ base, given }) => {
      const { verify } = await import(`${base}/verification.js`);
      const { fromBase64 } = await import(`${base}/bytes.js`);
      const found = {};
      const whole = { ...given, entry: fromBase64(given.entry), proof: fromBase64(given.proof) };
      for await (const step of verify(whole)) found[step.name] = step.bytes.map(({ hex }) => hex);
      return found;
    }"""
    one = given(log)
    found = await page.evaluate(shows, {"base": site.modules, "given": one.plain()})
    assert found["entry"][0] == one.entry.hex()
    assert found["proof file"] == [one.proof.hex()]
    siblings = [each.hex() for each in log.record.inclusion(5, 13)]
    assert found["path"][0] == leaf_hash(one.entry).hex()
    assert found["path"][1::2] == siblings
    assert found["path"][-1] == log.record.root(13).hex()
    assert found["root"] == [log.record.root(13).hex()] * 2
    assert found["signature"][0] == log.key.public_key.hex()


@pytest.mark.parametrize("what", ["entry", "proof"])
async def test_no_flipped_bit_is_verified(
    page: Page, site: ProvingSite, cosigners: tuple[Ed25519Signer, ...], what: str
) -> None:
    log = SmallLog(cosigners=cosigners[:1])
    note = {"kind": "correct", "index": 0, "note": "n"}
    await log.append(strategy_members(), note, note)
    one = given(log, 1)
    told = {"base": site.modules, "given": one.plain(), "what": what}
    found = await page.evaluate(_FLIP, told)
    assert found["passed"] == []
    assert sum(found["counts"].values()) == 8 * len(getattr(one, what))
    # Only a witness's line may be damaged without refuting what the log itself says.
    line = len(one.proof.splitlines()[-1])
    assert found["counts"].get("pending", 0) <= (8 * line if what == "proof" else 0)


async def test_after_a_refuted_step_nothing_is_checked(
    page: Page, site: ProvingSite, log: SmallLog
) -> None:
    one = given(log)
    found = await verdict(page, site, evolve(one, entry=log.entries[6]))
    assert (found["state"], found["step"], found["reason"]) == ("refuted", "root", "bad-inclusion")
    states = [step["state"] for step in found["steps"]]
    assert states == ["passed"] * 4 + ["refuted"] + ["not checked"] * 3


OTHER = make_signer("publisher.example/log", b"\x09" * 32, Algorithm.CHECKPOINT)
STRANGER = make_signer("stranger.example", b"\x0a" * 32, Algorithm.COSIGNATURE)
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "another index": ({"index": 6}, "proof file", "another-index"),
    "another log's key": ({"log_key": OTHER.key}, "signature", "unsigned"),
    "a witness's key as the log's": ({"log_key": STRANGER.key}, "signature", "bad-policy"),
    "a log's key as a witness's": ({"witness_keys": (OTHER.key,)}, "witnesses", "bad-policy"),
    "no key": ({"log_key": "none"}, "signature", "bad-key"),
    "a quorum that cannot be": ({"quorum": 3}, "witnesses", "bad-policy"),
    "no entry": ({"entry": b""}, "entry", "not-canonical"),
    "no proof": ({"proof": b""}, "proof file", "bad-proof-file"),
    "too large an entry": ({"entry": b"{" * 65_536}, "entry", "not-canonical"),
    "too large a proof": ({"proof": b"x\n" * LARGEST_FILE}, "proof file", "bad-proof-file"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_refuted_at_its_step(
    page: Page, site: ProvingSite, log: SmallLog, name: str
) -> None:
    changes, step, reason = WRONG[name]
    found = await verdict(page, site, evolve(given(log), **changes))
    assert (found["state"], found["step"], found["reason"]) == ("refuted", step, reason)


@pytest.mark.parametrize("size", [1, 4])
async def test_hashes_that_lead_to_the_root_are_no_proof_in_a_tree_of_another_size(
    page: Page, site: ProvingSite, cosigners: tuple[Ed25519Signer, ...], size: int
) -> None:
    """The log signs a size that its root is not of; too few or too many hashes give it away."""
    log = SmallLog(cosigners=cosigners)
    await log.append(strategy_members(), signal_members("one"))
    proof = log.record.inclusion(0, 2)
    file = write_proof_file(0, proof, log.sign(size, log.record.root(2)))
    found = await verdict(page, site, evolve(given(log, 0), proof=file))
    assert (found["state"], found["step"], found["reason"]) == ("refuted", "path", "bad-inclusion")


async def test_an_entry_of_another_log_is_refuted_though_this_one_has_it(
    page: Page, site: ProvingSite, log: SmallLog, cosigners: tuple[Ed25519Signer, ...]
) -> None:
    other = SmallLog(name="other.example/log", cosigners=cosigners)
    other.record.rewrite(log.entries)
    other.show(13, other.sign(13))
    one = evolve(given(log), proof=other.proof_file(5), log_key=str(other.key))
    found = await verdict(page, site, one)
    assert (found["step"], found["reason"]) == ("signature", "another-log")


async def test_too_few_witnesses_are_pending_and_the_rest_is_checked(
    page: Page, site: ProvingSite, log: SmallLog
) -> None:
    one = evolve(given(log), witness_keys=(STRANGER.key,), shown=(("symbol", "AAPL"),))
    found = await verdict(page, site, one)
    assert (found["state"], found["reason"]) == ("pending", "too-few-witnesses")
    assert found["steps"][-1]["state"] == "passed"


async def test_one_key_under_two_names_is_one_witness(page: Page, site: ProvingSite) -> None:
    twins = [
        make_signer(name, b"\x0b" * 32, Algorithm.COSIGNATURE) for name in ("one.example", "two")
    ]
    log = SmallLog(cosigners=twins)
    await log.append(strategy_members(), signal_members("one"))
    found = await verdict(page, site, given(log, 1))
    assert found["state"] == "verified"
    witnesses = next(step for step in found["steps"] if step["name"] == "witnesses")
    assert witnesses["says"].startswith("1 of 1 cosigned")
    found = await verdict(page, site, evolve(given(log, 1), quorum=2))
    assert found["reason"] == "bad-policy"


async def test_the_log_is_no_witness_of_itself(page: Page, site: ProvingSite) -> None:
    own = make_signer("witness.example/own", SEED, Algorithm.COSIGNATURE)
    log = SmallLog(cosigners=[own])
    await log.append(strategy_members(), signal_members("one"))
    one = evolve(given(log, 1), witness_keys=(own.key, STRANGER.key))
    assert (await verdict(page, site, one))["reason"] == "too-few-witnesses"


async def test_an_opened_commit_shows_the_signal_behind_it(
    page: Page, site: ProvingSite, cosigners: tuple[Ed25519Signer, ...]
) -> None:
    log = SmallLog(cosigners=cosigners)
    await log.append(strategy_members(disclosure="delayed", reveal_after_s=3600))
    commits = [await log.commit(signal_members(each)) for each in ("one", "two")]
    mine, other = (log.record.sealed[commit.index] for commit in commits)
    sealed = evolve(given(log, mine.index), shown=(("symbol", "AAPL"),))
    found = await verdict(page, site, sealed)
    assert found["state"] == "verified"
    assert (found["steps"][-1]["state"], found["steps"][-1]["reason"]) == ("not checked", "sealed")

    opened = evolve(sealed, opened=(mine.nonce, mine.body, mine.commitment))
    found = await verdict(page, site, opened)
    assert [step["state"] for step in found["steps"]] == ["passed"] * 9
    wrong = {
        "another nonce": (other.nonce, mine.body, ""),
        "another signal": (other.nonce, other.body, ""),
        "another commitment": (mine.nonce, mine.body, other.commitment),
        "no nonce": (b"", mine.body, ""),
        "no signal": (mine.nonce, log.entries[0], ""),
    }
    for name, opening in wrong.items():
        found = await verdict(page, site, evolve(opened, opened=opening))
        assert (found["step"], found["reason"]) == ("opening", "bad-opening"), name
    # Whoever commits to a signal of another place could show it there as well.
    replayed = await _commit_to(log, other.body, mine.nonce)
    found = await verdict(page, site, evolve(replayed, opened=(mine.nonce, other.body, "")))
    assert (found["step"], found["reason"]) == ("opening", "bad-opening")
    assert found["steps"][-2]["says"] == "the body is another signal than the commit's"
    shown = evolve(opened, shown=(("symbol", "MSFT"),))
    assert (await verdict(page, site, shown))["reason"] == "shown-otherwise"


async def _commit_to(log: SmallLog, body: bytes, nonce: bytes) -> Given:
    members = {
        "kind": "commit",
        "commitment": commitment(nonce, body),
        "reveal_after_us": log.record.now_us,
    }
    (entry,) = await log.append(members)
    return given(log, entry.index)


async def test_a_signal_that_the_page_shows_otherwise_is_refuted(
    page: Page, site: ProvingSite, log: SmallLog
) -> None:
    right = [("symbol", "AAPL"), ("direction", "BUY"), ("entry", "190.00"), ("horizon_s", "3600")]
    one = evolve(given(log), shown=tuple(right))
    assert (await verdict(page, site, one))["state"] == "verified"
    for member, text in [("entry", "190.0"), ("direction", "SELL"), ("v", "01"), ("nothing", "")]:
        found = await verdict(page, site, evolve(one, shown=(*right, (member, text))))
        assert (found["step"], found["reason"]) == ("shown", "shown-otherwise")


async def test_on_random_logs_the_browser_says_what_the_service_says(
    page: Page, site: ProvingSite, cosigners: tuple[Ed25519Signer, ...]
) -> None:
    chance = Random(7)  # noqa: S311 - it is no secret.
    many: list[Given] = []
    for number in range(12):
        log = await _random_log(chance, cosigners, number)
        many += [_damaged(chance, given(log, chance.randrange(log.size))) for _ in range(40)]
    found = await verdicts(page, site, many)
    states = [_said_by_the_service(one) for one in many]
    assert [each["state"] for each in found] == states
    assert min(states.count(state) for state in _IN_THE_BROWSER.values()) > 20


async def _random_log(
    chance: Random, cosigners: tuple[Ed25519Signer, ...], number: int
) -> SmallLog:
    log = SmallLog(cosigners=chance.sample(cosigners, chance.randrange(len(cosigners) + 1)))
    log.cosigners = log.cosigners or (STRANGER,)
    is_delayed = number % 2 == 1
    delay = {"disclosure": "delayed", "reveal_after_s": 3600} if is_delayed else {}
    log.add(strategy_members(**delay))
    for place in range(chance.randrange(1, 40)):
        signal = signal_members(f"s-{place}", direction=chance.choice(("BUY", "SELL", "HOLD")))
        if not is_delayed:
            entry = log.add(signal)
            if signal["direction"] != "HOLD" and chance.random() < 0.3:
                log.add(outcome_members(entry.index, signal))
        else:
            commit = log.record.commit(signal)
            if chance.random() < 0.5:
                log.record.reveal(commit.index)
    await log.publish()
    return log


def _damaged(chance: Random, one: Given) -> Given:
    """It is left alone as often as it is changed in some way."""
    if chance.random() < 0.5:
        return evolve(one, quorum=chance.randrange(len(one.witness_keys) + 1))
    return chance.choice(_DAMAGES)(chance, one)


def _without_a_line(chance: Random, one: Given) -> Given:
    lines = one.proof.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return evolve(one, proof=b"".join(lines))


def _with_a_line_twice(chance: Random, one: Given) -> Given:
    lines = one.proof.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    return evolve(one, proof=b"".join([*lines[:place], lines[place], *lines[place:]]))


def _with_lines_swapped(chance: Random, one: Given) -> Given:
    lines = one.proof.splitlines(keepends=True)
    chance.shuffle(lines)
    return evolve(one, proof=b"".join(lines))


def _with_another_letter(chance: Random, one: Given) -> Given:
    place = chance.randrange(len(one.entry))
    letter = bytes([chance.randrange(32, 127)])
    return evolve(one, entry=one.entry[:place] + letter + one.entry[place + 1 :])


def _with_another_byte(chance: Random, one: Given) -> Given:
    place = chance.randrange(len(one.proof))
    return evolve(one, proof=one.proof[:place] + chance.randbytes(1) + one.proof[place + 1 :])


def _with_another_log(_chance: Random, one: Given) -> Given:
    return evolve(one, log_key=OTHER.key)


def _with_another_witness(_chance: Random, one: Given) -> Given:
    return evolve(one, witness_keys=(STRANGER.key,))


_DAMAGES = (
    _without_a_line,
    _with_a_line_twice,
    _with_lines_swapped,
    _with_another_letter,
    _with_another_byte,
    _with_another_log,
    _with_another_witness,
)


def _said_by_the_service(one: Given) -> str:
    log = read_verifier_key(one.log_key)
    policy = Policy(log, tuple(map(read_verifier_key, one.witness_keys)), one.quorum)
    state = check_entry(one.entry, one.proof, policy, verify_ed25519).state
    # A file about another entry proves that one; a page knows which one it asked for.
    if f"index {one.index}\n".encode() not in one.proof:
        return "refuted"
    return _IN_THE_BROWSER[state]
