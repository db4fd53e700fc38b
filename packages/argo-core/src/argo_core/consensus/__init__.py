"""Many unreliable opinions, one explained view."""
