"""What the Verify panel needs: where entry and proof are, the keys, and commands for a shell."""

from aiohttp import web
from attrs import frozen

from alpine_service.api.keys import LOG, PLATFORM
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.errors import NotThere


@frozen
class Verify:
    """For the panel. What was sealed and is open to the reader has nonce, commitment and body."""

    index: int
    entry_url: str
    proof_url: str
    log_key: str
    witness_keys: tuple[str, ...]
    quorum: int
    commands: tuple[str, ...]
    commitment: str | None = None
    nonce: str | None = None
    body: str | None = None


async def verify_of(request: web.Request, seen: SignalRecord) -> Verify | None:
    """Of a record as the reader may see it; None where no log is read, so that no key is pinned."""
    try:
        shown = await request.app[LOG].shown()
    except NotThere:
        return None
    index, public_url = seen.log_index, request.app[PLATFORM].public_url
    witnesses = tuple(str(each) for each in shown.witnesses)
    entry, proof = f"/v1/signals/{index}/entry", f"/v1/signals/{index}/proof"
    opened: dict[str, str] = {}
    if seen.commitment is not None and seen.nonce is not None and seen.data is not None:
        opened = {
            "commitment": seen.commitment.hex(),
            "nonce": seen.nonce.hex(),
            "body": seen.data.decode(),
        }
    return Verify(
        index=index,
        entry_url=entry,
        proof_url=proof,
        log_key=str(shown.key),
        witness_keys=witnesses,
        quorum=1,
        commands=(
            f"curl -fsS {public_url}{entry} -o {index}.entry",
            f"curl -fsS {public_url}{proof} -o {index}.tlog-proof",
            f"sha256sum {index}.entry",
            f"alpine verify {index}.entry {index}.tlog-proof \\",
            f"  --log-key {shown.key}"
            + "".join(f" \\\n  --witness-key {each}" for each in witnesses),
        ),
        **opened,
    )
