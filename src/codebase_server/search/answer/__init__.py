"""From ranked chunks to what is shown: joined where they adjoin, not crowded, within the budget."""
