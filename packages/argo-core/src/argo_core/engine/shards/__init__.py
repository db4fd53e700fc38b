"""A cycle's decisions in slices of symbols, taken by other processes, the same to the byte."""
