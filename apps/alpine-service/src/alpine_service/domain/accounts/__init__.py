"""Users, sessions, second factors and keys, and what each may do."""
