"""Bars from anywhere made into a panel by documented rules, with every rule applied on record."""
