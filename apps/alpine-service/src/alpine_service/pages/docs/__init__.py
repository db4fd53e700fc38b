"""What is said to people about the service: its API, its problems, and how to check its word."""
