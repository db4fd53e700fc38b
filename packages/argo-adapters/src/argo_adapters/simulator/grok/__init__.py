"""xAI's Grok, as far as we use it."""
