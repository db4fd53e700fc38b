"""A real browser before a real service, to see pages as people see them."""
