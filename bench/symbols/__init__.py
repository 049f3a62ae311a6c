"""`find_symbol` and its usages beside a language server's answers."""
