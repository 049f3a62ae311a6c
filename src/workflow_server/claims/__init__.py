"""Who holds an item: exactly one caller, proven by a token only that caller was given."""
