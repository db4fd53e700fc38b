"""Other processes that decide shards of symbols: on this machine, or wherever Dask has workers."""
