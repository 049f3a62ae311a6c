"""What an index costs, how fresh it is, and whether it survives."""
