"""Work items: what they hold, what may be put into them, how they are read and written."""
