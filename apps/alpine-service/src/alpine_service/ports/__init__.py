"""Everything Alpine needs from outside, one page a concept."""
