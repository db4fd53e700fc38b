"""The centre: refresh what is known, decide purely, publish durably, on a steady beat."""
