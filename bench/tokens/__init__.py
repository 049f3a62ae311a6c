"""What the servers cost a model to read."""
