"""What is published: the signal, its evidence, its words and its price levels."""
