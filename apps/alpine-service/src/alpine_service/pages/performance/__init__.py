"""What the signals were worth: the figures of the record, and all that they are made of."""
