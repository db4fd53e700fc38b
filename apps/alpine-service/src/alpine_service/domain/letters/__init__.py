"""Mails: blocks of words, said once and written down twice, as text and as HTML."""
