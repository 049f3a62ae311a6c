"""What the commands cost a person at a terminal."""
