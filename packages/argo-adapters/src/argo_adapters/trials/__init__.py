"""The ledger of trials on disk."""
