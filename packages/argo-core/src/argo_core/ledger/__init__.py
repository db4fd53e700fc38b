"""An append-only record: canonical bytes, leaf hashes, one Merkle root, proofs."""
