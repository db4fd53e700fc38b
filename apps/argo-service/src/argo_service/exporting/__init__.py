"""What `argo export` does: a record's parts as files, checked before they are written."""
