"""What sources that ask a language model share: reading its answer, and what it cost."""
