"""Would the tests notice? One small change of the code at a time, and the tests that run through it."""
