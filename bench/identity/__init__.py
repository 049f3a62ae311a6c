"""Whether chunk ids mean the same code later, on real histories and made-up ones."""
