"""From a question to a few hundred chunks worth ranking: by words (postings) and by meaning (vectors).

Both live in the repository's own SQLite file, written in the transaction that
publishes the chunks they index, so a reader's snapshot holds all three or none.
"""
