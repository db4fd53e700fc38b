"""Every vector of the protocol that is about one entry, through the modules in a real browser."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from alpine_service.adapters.secrets.ed25519 import verify_ed25519
from alpine_service.domain.feed.canonical import decode
from alpine_service.domain.feed.entry import read_entry
from alpine_service.domain.feed.policy import Policy, read_witnessed
from alpine_service.domain.feed.proof_file import read_proof_file
from alpine_service.domain.feed.tree import check_inclusion, leaf_hash
from alpine_service.domain.feed.verifier_key import read_verifier_key
from alpine_service.errors import FeedError
from alpine_service.pages.rendering import Renderer
from alpine_service.testing.pages.proving_site import ProvingSite
from alpine_service.testing.pages.reading import readers_of

HERE = Path(__file__).parent
VECTORS: dict[str, Any] = json.loads(
    (HERE.parents[1] / "feed" / "signal-feed-vectors.json").read_text("utf-8")
)
SCRIPT = (HERE / "run_vectors.js").read_text("utf-8")
POLICY = Policy(
    read_verifier_key(VECTORS["policy"]["log"]),
    tuple(map(read_verifier_key, VECTORS["policy"]["witnesses"])),
    VECTORS["policy"]["quorum"],
)
CHECKED = (
    "keys",
    "canonical",
    "entries",
    "inclusion",
    "checkpoints",
    "proof_files",
    "commitments",
)
# Beside them, vectors have what they are made of, and what is said of them.
MADE_OF = {"says", "reason", "text", "base64", "key", "entry", "file", "nonce", "body"}
Answers = dict[str, dict[str, list[dict[str, Any]]]]


def each(kind: str, *sections: str) -> pytest.MarkDecorator:
    found = [
        pytest.param(section, place, id=f"{section} {place} {one.get('reason', '')}")
        for section in sections or CHECKED
        for place, one in enumerate(VECTORS[section][kind])
    ]
    return pytest.mark.parametrize(("section", "place"), found)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def answers(browser: Browser, pages: Renderer) -> Answers:
    """What the modules say of all of them, asked once."""
    site = ProvingSite(pages, b"", b"", 0, VECTORS["policy"]["log"], VECTORS["policy"]["witnesses"])
    async with site.served(), readers_of(browser, site.url) as readers:
        page = await (await readers.open()).go("/")
        found: Answers = await page.evaluate(SCRIPT, {"base": site.modules, "vectors": VECTORS})
    return found


@each("good")
async def test_a_good_one_is_accepted_with_its_values(
    answers: Answers, section: str, place: int
) -> None:
    answer, vector = answers[section]["good"][place], VECTORS[section]["good"][place]
    assert "refused" not in answer
    said = {name: value for name, value in vector.items() if name not in MADE_OF}
    assert {name: said[name] for name in answer if name in said} == {
        name: value for name, value in answer.items() if name in said
    }


@each("bad")
async def test_a_bad_one_is_refused(answers: Answers, section: str, place: int) -> None:
    assert answers[section]["bad"][place].get("refused")


@each("bad", "keys", "canonical", "entries", "inclusion", "checkpoints", "proof_files")
async def test_the_reason_is_the_one_that_the_service_gives(
    answers: Answers, section: str, place: int
) -> None:
    with pytest.raises(FeedError) as refusal:
        _refuse(section, VECTORS[section]["bad"][place])
    assert answers[section]["bad"][place]["refused"] == refusal.value.reason


async def test_the_values_that_are_compared_are_those_of_the_vectors(answers: Answers) -> None:
    compared = {
        section: set(answers[section]["good"][0]) & set(VECTORS[section]["good"][0])
        for section in CHECKED
    }
    assert compared["keys"] == {"name", "id", "algorithm", "public_key"}
    assert compared["canonical"] == {"signal_sha256", "leaf_hash"}
    assert compared["entries"] == {"kind", "signal_sha256", "leaf_hash"}
    assert compared["checkpoints"] == {"origin", "size", "root", "cosigned", "is_met"}
    assert compared["proof_files"] == {"index", "size"}


def _raw(value: dict[str, Any]) -> bytes:
    return value["text"].encode() if "text" in value else b64decode(value["base64"])


def _refuse(section: str, vector: dict[str, Any]) -> None:
    match section:
        case "keys":
            read_verifier_key(vector["key"])
        case "canonical":
            decode(_raw(vector))
        case "entries":
            read_entry(0, _raw(vector))
        case "inclusion":
            hashes = [bytes.fromhex(one) for one in vector["proof"]]
            leaf, root = bytes.fromhex(vector["leaf_hash"]), bytes.fromhex(vector["root"])
            check_inclusion(leaf, vector["index"], vector["size"], hashes, root)
        case "checkpoints":
            read_witnessed(_raw(vector), POLICY, verify_ed25519)
        case "proof_files":
            file = read_proof_file(_raw(vector["file"]))
            head = read_witnessed(file.checkpoint.data, POLICY, verify_ed25519).head
            leaf = leaf_hash(_raw(vector["entry"]))
            check_inclusion(leaf, file.index, head.size, file.proof, head.root)
