"""Plans, what they entitle to, and the life of a subscription."""
