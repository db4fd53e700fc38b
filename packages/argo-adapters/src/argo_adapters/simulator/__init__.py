"""Six vendors as one local HTTP application: simulated vendors, recorded prices."""
