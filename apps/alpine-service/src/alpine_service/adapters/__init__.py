"""What the ports are plugged into."""
