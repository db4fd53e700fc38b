"""Bars from anywhere made into a panel: cleaned by documented rules, every rule applied on record."""
