"""The `argo` command, one module a subcommand."""
