"""What is bought and sold: orders, positions, the rules that bound them; pure and in Decimal."""
