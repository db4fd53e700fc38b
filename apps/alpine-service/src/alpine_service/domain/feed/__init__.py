"""The log's protocol: entries, tree, tiles, notes, checkpoints, cosignatures."""
