"""Alpine Analytics: verify, cosign, store and distribute signals."""
