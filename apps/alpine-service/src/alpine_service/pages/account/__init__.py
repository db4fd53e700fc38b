"""Everything that people do with their accounts, from signing up to deleting it."""
