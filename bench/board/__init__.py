"""What the board costs a person who waits for it."""
