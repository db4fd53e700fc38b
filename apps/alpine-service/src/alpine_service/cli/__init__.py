"""The `alpine` command, a module for each of its verbs."""
