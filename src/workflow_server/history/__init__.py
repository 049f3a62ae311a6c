"""What happened: events that are only ever appended, and taking them back."""
