"""State that lives in this process alone, in bounded memory."""
