"""What Alpine does: one use case a module, over the ports."""
