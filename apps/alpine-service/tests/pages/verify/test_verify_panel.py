"""The panel of a signal's page under the strict policy: what it says, be all well or not."""

from collections.abc import Callable

import pytest
from playwright.async_api import Browser, Page, expect

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, make_signer
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.pages.rendering import Renderer
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.pages.accessibility import violations
from alpine_service.testing.pages.chromium import chromium
from alpine_service.testing.pages.proving_site import ProvingSite
from alpine_service.testing.pages.reading import (
    LOOKS,
    NO_SCRIPTS,
    PHONE,
    Look,
    Reader,
    Readers,
    readers_of,
)
from alpine_service.testing.small_log import SmallLog

STRANGER = make_signer("stranger.example", b"\x0a" * 32, Algorithm.COSIGNATURE)
STEPS = [
    "keys",
    "entry",
    "leaf",
    "proof file",
    "path",
    "root",
    "signature",
    "witnesses",
    "shown",
]
Lie = Callable[[ProvingSite, SmallLog], None]


async def verify(page: Page) -> str:
    """Press the button, and return the verdict in a word."""
    await page.get_by_role("button", name="Verify").click()
    return await verdict(page)


async def verdict(page: Page) -> str:
    panel = page.locator("section[data-verify][data-verdict]")
    return await panel.get_attribute("data-verdict") or ""


async def reason(page: Page) -> str:
    return await page.locator("section[data-verify]").get_attribute("data-reason") or ""


async def states(page: Page) -> dict[str, str]:
    """The state of each step, as it is written for the reader."""
    found = {}
    for step in await page.locator(".verify-step").all():
        name = await step.get_attribute("data-step") or ""
        found[name] = await step.locator(".verify-state").inner_text()
    return found


async def test_a_signal_is_verified_and_every_step_is_told(page: Page) -> None:
    assert await verify(page) == "verified"
    found = await states(page)
    assert list(found) == STEPS
    assert found.pop("keys") == "not checked"
    assert set(found.values()) == {"passed"}
    told = page.get_by_role("status")
    await expect(told).to_contain_text("Verified")
    await expect(told).to_contain_text("2 witnesses saw it, first at 2026-03-02 12:00:13 UTC")


async def test_the_actual_bytes_are_shown_with_their_offsets(page: Page, log: SmallLog) -> None:
    await verify(page)
    step = page.locator("[data-step=entry]")
    await step.locator("summary").click()
    dump = await step.locator(".verify-bytes").first.inner_text()
    digits = ""
    for line in dump.splitlines():
        offset, pairs, _ = line.split("  ", 2)
        assert int(offset, 16) == len(digits) // 2
        digits += pairs.replace(" ", "")
    assert digits == log.entries[5].hex()
    path = page.locator("[data-step=path]")
    await path.locator("summary").click()
    await expect(path.get_by_role("img")).to_have_attribute(
        "aria-label", "4 hashes lead from the leaf at the bottom to the root at the top"
    )
    await expect(path.locator(".verify-bytes")).to_have_count(9)


def _another_entry(site: ProvingSite, log: SmallLog) -> None:
    site.entry = log.entries[6]


def _changed_entry(site: ProvingSite, log: SmallLog) -> None:
    site.entry = site.entry.replace(b'"stop":"188.00"', b'"stop":"187.00"')


def _damaged_entry(site: ProvingSite, log: SmallLog) -> None:
    site.entry += b"\n"


def _another_proof(site: ProvingSite, log: SmallLog) -> None:
    site.proof = log.proof_file(6)


def _damaged_proof(site: ProvingSite, log: SmallLog) -> None:
    site.proof = site.proof.replace(b"\n\n", b"\nAAAA\n\n", 1)


def _a_sibling_less(site: ProvingSite, log: SmallLog) -> None:
    lines = site.proof.splitlines(keepends=True)
    site.proof = b"".join(lines[:2] + lines[3:])


def _a_forged_history(site: ProvingSite, log: SmallLog) -> None:
    """All of it is consistent, and signed by somebody else in the log's name."""
    other = SmallLog(seed=b"\x09" * 32, cosigners=log.cosigners)
    other.record.rewrite(log.entries)
    other.show(other.record.size, other.sign(other.record.size))
    site.proof = other.proof_file(site.index)


def _another_price(site: ProvingSite, log: SmallLog) -> None:
    site.shown = {**site.shown, "target": "200.00"}


def _a_word_too_much(site: ProvingSite, log: SmallLog) -> None:
    site.shown = {**site.shown, "promise": "certain"}


LIES: dict[str, tuple[Lie, str, str]] = {
    "another entry": (_another_entry, "root", "bad-inclusion"),
    "a changed entry": (_changed_entry, "root", "bad-inclusion"),
    "an entry with a line feed": (_damaged_entry, "entry", "not-canonical"),
    "a proof of another entry": (_another_proof, "proof file", "another-index"),
    "a damaged proof": (_damaged_proof, "proof file", "bad-base64"),
    "a proof that is too short": (_a_sibling_less, "path", "bad-inclusion"),
    "a forged history": (_a_forged_history, "signature", "unsigned"),
    "another price on the page": (_another_price, "shown", "shown-otherwise"),
    "a word that the signal has not": (_a_word_too_much, "shown", "shown-otherwise"),
}


@pytest.mark.parametrize("name", LIES)
async def test_a_lie_is_refuted_and_its_step_is_told(
    readers: Readers, site: ProvingSite, log: SmallLog, name: str
) -> None:
    lie, step, word = LIES[name]
    lie(site, log)
    page = await (await readers.open()).go("/")
    assert await verify(page) == "refuted"
    assert await reason(page) == word
    found = await states(page)
    place = STEPS.index(step)
    assert [found[each] for each in STEPS[1:]] == (
        ["passed"] * (place - 1) + ["refuted"] + ["not checked"] * (len(STEPS) - place - 1)
    )
    title = await page.locator(f"[data-step='{step}'] h3").inner_text()
    await expect(page.get_by_role("status")).to_contain_text(f"Refuted: {title}", ignore_case=True)
    # Nobody has to look for the bytes that are wrong.
    await expect(page.locator(f"[data-step='{step}'] details")).to_have_attribute("open", "")


async def test_a_log_without_enough_witnesses_is_pending(
    readers: Readers, site: ProvingSite
) -> None:
    site.witness_keys = [STRANGER.key]
    page = await (await readers.open()).go("/")
    assert await verify(page) == "pending"
    assert (await states(page))["witnesses"] == "pending"


async def test_keys_are_pinned_on_first_use_and_known_again(page: Page) -> None:
    await verify(page)
    assert (await states(page))["keys"] == "not checked"
    await page.reload()
    assert await verify(page) == "verified"
    assert (await states(page))["keys"] == "passed"


async def test_keys_that_changed_are_refuted_loudly_and_both_are_shown(
    page: Page, site: ProvingSite, cosigners: tuple[Ed25519Signer, ...]
) -> None:
    """The server has a new log, new keys, and proofs by them that hold."""
    first_keys = site.log_key
    await verify(page)
    forged = SmallLog(seed=b"\x09" * 32, cosigners=cosigners)
    await forged.append(strategy_members(), *(signal_members(f"f-{n}") for n in range(12)))
    site.log_key, site.entry = str(forged.key), forged.entries[5]
    site.proof = forged.proof_file(5)
    await page.reload()
    assert await verify(page) == "refuted"
    assert await reason(page) == "keys-changed"
    assert await states(page) == {"keys": "refuted"}
    shown = await page.locator("[data-step=keys] .verify-bytes").all_inner_texts()
    assert [text.splitlines()[0] for text in shown] == [first_keys, str(forged.key)]

    # It stays so until the reader, and nobody else, forgets the old ones.
    assert await verify(page) == "refuted"
    await page.get_by_role("button", name="Forget the pinned keys").click()
    assert await verify(page) == "verified"


async def test_a_witness_that_was_exchanged_is_a_change_as_well(
    page: Page, site: ProvingSite
) -> None:
    await verify(page)
    site.witness_keys = [*site.witness_keys[:1], STRANGER.key]
    await page.reload()
    assert await verify(page) == "refuted"
    assert await reason(page) == "keys-changed"
    site.witness_keys = []
    await page.reload()
    await verify(page)
    assert await reason(page) == "keys-changed"


async def test_the_keys_of_a_refuted_proof_are_not_pinned(
    page: Page, site: ProvingSite, log: SmallLog
) -> None:
    honest = site.entry
    site.entry = log.entries[6]
    assert await verify(page) == "refuted"
    site.entry = honest
    await verify(page)
    assert (await states(page))["keys"] == "not checked"


async def test_what_a_script_wrote_into_the_pins_pins_nothing(page: Page) -> None:
    for rubbish in ("{", "3", '{"logKey": 3}', "null"):
        await page.evaluate("text => localStorage.setItem('alpine.verify.pins', text)", rubbish)
        assert await verify(page) == "verified"
        assert (await states(page))["keys"] == "not checked"


async def test_a_proof_that_is_not_there_yet_is_no_refutation(
    readers: Readers, site: ProvingSite
) -> None:
    reader = await readers.open()
    reader.watch.expect("404")
    page = await reader.go("/")
    site.statuses = {"proof": 404}
    assert await verify(page) == "could not be checked"
    assert await reason(page) == "not-covered"
    site.statuses = {}
    assert await verify(page) == "verified"


@pytest.mark.parametrize(("status", "word"), [(429, "too-many"), (503, "no-answer")])
async def test_a_server_that_does_not_answer_is_no_refutation(
    readers: Readers, site: ProvingSite, status: int, word: str
) -> None:
    reader = await readers.open()
    reader.watch.expect(str(status))
    page = await reader.go("/")
    site.statuses = {"entry": status}
    assert await verify(page) == "could not be checked"
    assert await reason(page) == word


async def test_offline_and_back(readers: Readers) -> None:
    reader = await readers.open()
    reader.watch.expect("net::ERR_INTERNET_DISCONNECTED")
    page = await reader.go("/")
    await reader.context.set_offline(offline=True)
    assert await verify(page) == "could not be checked"
    assert await reason(page) == "offline"
    await reader.context.set_offline(offline=False)
    assert await verify(page) == "verified"


async def test_a_browser_without_ed25519_says_so(readers: Readers) -> None:
    reader = await readers.open()
    await reader.context.add_init_script(
        """const real = crypto.subtle.importKey.bind(crypto.subtle);
        SubtleCrypto.prototype.importKey = async (form, data, name, ...rest) => {
          if (name === "Ed25519") throw new DOMException("unknown", "NotSupportedError");
          return real(form, data, name, ...rest);
        };"""
    )
    page = await reader.go("/")
    assert await verify(page) == "could not be checked"
    assert await reason(page) == "no-ed25519"
    assert (await states(page))["root"] == "passed"


async def test_a_page_that_came_without_tls_says_so(
    browser: Browser, chromium_program: str, site: ProvingSite
) -> None:
    """Another name for this machine, which browsers do not trust as they trust loopback."""
    port = site.url.rpartition(":")[2]
    rules = "--host-resolver-rules=MAP alpine.test 127.0.0.1"
    async with (
        chromium(chromium_program, rules) as other,
        readers_of(other, f"http://alpine.test:{port}") as readers,
    ):
        page = await (await readers.open()).go("/")
        assert await verify(page) == "could not be checked"
        assert await reason(page) == "no-webcrypto"
        await expect(page.get_by_role("status")).to_contain_text("this page came without TLS")


async def test_a_browser_that_keeps_nothing_verifies_and_says_so(readers: Readers) -> None:
    reader = await readers.open()
    await reader.context.add_init_script(
        "Object.defineProperty(globalThis, 'localStorage',"
        " { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    page = await reader.go("/")
    assert await verify(page) == "verified"
    keys = page.locator("[data-step=keys]")
    await expect(keys).to_contain_text("This browser keeps nothing")


async def test_a_sealed_signal_that_is_open_to_the_reader_is_opened(
    browser: Browser, pages: Renderer, cosigners: tuple[Ed25519Signer, ...]
) -> None:
    log = SmallLog(cosigners=cosigners)
    await log.append(strategy_members(disclosure="delayed", reveal_after_s=3600))
    commit = await log.commit(signal_members("one", "BRK.B"))
    sealed = log.record.sealed[commit.index]
    honest = ProvingSite.of(pages, log, commit.index)
    async with honest.served() as site, readers_of(browser, site.url) as readers:
        page = await (await readers.open()).go("/")
        assert await verify(page) == "verified"
        await expect(page.locator("[data-step=shown]")).to_contain_text("sealed until")
        await expect(page.locator("[data-step=opening]")).to_have_count(0)

        site.shown = {"symbol": "BRK.B"}
        site.opening = {
            "commitment": sealed.commitment,
            "nonce": sealed.nonce.hex(),
            "body": sealed.body.decode(),
        }
        await page.reload()
        assert await verify(page) == "verified"
        assert (await states(page))["opening"] == "passed"
        site.opening = {**site.opening, "nonce": "00" * 32}
        await page.reload()
        assert await verify(page) == "refuted"
        assert await reason(page) == "bad-opening"


async def test_all_of_it_can_be_done_with_the_keyboard(page: Page) -> None:
    button = page.get_by_role("button", name="Verify in this browser")
    for _ in range(10):
        await page.keyboard.press("Tab")
        if await button.evaluate("each => each === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    assert await verdict(page) == "verified"
    again = page.get_by_role("button", name="Verify again")
    await expect(again).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-step=keys] .verify-bytes")).to_be_visible()


async def test_without_scripts_the_proof_and_the_commands_are_there(
    readers: Readers, site: ProvingSite
) -> None:
    page = await (await readers.open(NO_SCRIPTS)).go("/")
    await expect(page.get_by_role("button", name="Verify")).to_have_count(0)
    link = page.get_by_role("link", name="Proof file").first
    async with page.expect_download() as download:
        await link.click()
    path = await (await download.value).path()
    assert path.stat().st_size == len(site.proof)
    await page.get_by_text("Check it without this page").click()
    await expect(page.get_by_role("group", name="Commands")).to_contain_text("alpine verify")
    await page.get_by_text("What this can prove").click()
    await expect(page.get_by_text("is no proof against us")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
async def test_everybody_can_read_it_whatever_the_verdict(
    readers: Readers, site: ProvingSite, log: SmallLog, look: Look
) -> None:
    reader: Reader = await readers.open(look)
    page = await reader.go("/")
    assert await violations(page) == []
    await verify(page)
    for summary in await page.locator("summary").all():
        await summary.click()
    assert await violations(page) == []
    assert await _overflow(page) <= 0
    site.entry = log.entries[6]
    await verify(page)
    assert await violations(page) == []
    assert await _overflow(page) <= 0


async def _overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    found: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found


async def test_bytes_are_written_for_the_width_that_there_is(readers: Readers) -> None:
    for look, least in ((Look(), 32), (Look(size=PHONE), 8)):
        page = await (await readers.open(look)).go("/")
        await verify(page)
        await page.locator("[data-step=leaf] summary").click()
        line = (await page.locator("[data-step=leaf] .verify-bytes").inner_text()).splitlines()[0]
        assert len(line.split("  ")[1].split(" ")) == least
        shown = page.locator("[data-step=leaf] .verify-bytes")
        assert await shown.evaluate("each => each.scrollWidth <= each.clientWidth")
