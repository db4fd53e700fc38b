"""The recorded day, played through simulated vendors."""
