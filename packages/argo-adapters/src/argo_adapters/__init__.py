"""One module per thing plugged into Argo's ports."""
