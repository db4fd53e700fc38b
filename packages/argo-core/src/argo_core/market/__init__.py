"""What trades, what it costs, and when: values every other concept is built on."""
