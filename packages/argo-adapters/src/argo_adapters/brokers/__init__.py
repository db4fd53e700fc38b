"""Who executes orders, one package or module each."""
