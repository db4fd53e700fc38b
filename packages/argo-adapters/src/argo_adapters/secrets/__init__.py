"""Where keys and passwords are kept: the environment, files, AWS Secrets Manager."""
