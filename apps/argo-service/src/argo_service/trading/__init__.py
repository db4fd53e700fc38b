"""Trading as the service runs it: settings become parts, and operators see what they do."""
