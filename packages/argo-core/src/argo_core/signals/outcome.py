"""What became of a signal, by a rule that its strategy registered before it spoke."""

FIRST_TOUCH = "first-touch-1"
"""The rule's name in the registration."""
