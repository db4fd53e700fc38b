"""The HTTP interface: one table of routes, thin handlers."""
