"""What a deployment works with: a proxy, commands, health over HTTP."""
