"""The door to vendors over HTTP: bounded, strict, translating errors once, keeping secrets."""
