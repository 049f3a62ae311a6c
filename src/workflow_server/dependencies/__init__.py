"""What waits for what: readiness, cycles, and the columns kept so that neither needs the whole graph."""
