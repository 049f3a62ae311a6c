"""The probe: asking a codebase-server what became of code, without ever depending on it.

- `discovery`: which door to ask, and which endpoint files not to believe
- `exchange`: one HTTP request under one deadline, with everything bounded
- `breaker`: when not to ask at all; pure functions of ``now``
- `probe`: `Probe.resolve`, which never raises and is never slow

Import the modules, not the package.
"""
