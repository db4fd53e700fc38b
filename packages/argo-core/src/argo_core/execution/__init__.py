"""From signals to orders that a broker executes, watched until they are closed."""
