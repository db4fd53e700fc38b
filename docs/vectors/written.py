"""All test vectors of the signal feed, as one file."""

import json
from hashlib import sha256
from pathlib import Path

from docs.vectors.basics import LOG_KEY, SECOND, WITNESS, Case
from docs.vectors.entries import canonical_cases, commitment_cases, entry_cases
from docs.vectors.logs import log_cases
from docs.vectors.notes import checkpoint_cases, key_cases, proof_file_cases
from docs.vectors.trees import consistency_cases, inclusion_cases, tile_cases, tree_cases
from docs.vectors.witness import witness_talk

FILE = Path(__file__).parents[1] / "reference" / "signal-feed-vectors.json"


def vectors() -> Case:
    """All of them."""
    return {
        "about": "Test vectors of docs/reference/signal-feed.md. All keys in it are known to all.",
        "policy": {
            "log": str(LOG_KEY.key),
            "witnesses": [str(WITNESS.key), str(SECOND.key)],
            "quorum": 1,
        },
        "seeds": {
            str(one.key): one_seed.hex()
            for one, one_seed in (
                (LOG_KEY, sha256(b"test log").digest()),
                (WITNESS, sha256(b"test witness one").digest()),
                (SECOND, sha256(b"test witness two").digest()),
            )
        },
        "keys": key_cases(),
        "canonical": canonical_cases(),
        "entries": entry_cases(),
        "trees": tree_cases(),
        "inclusion": inclusion_cases(),
        "consistency": consistency_cases(),
        "tiles": tile_cases(),
        "checkpoints": checkpoint_cases(),
        "proof_files": proof_file_cases(),
        "commitments": commitment_cases(),
        "witness": witness_talk(),
        "logs": log_cases(),
    }


def written() -> str:
    """The file's text."""
    return json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"
