"""References from work to code: linked once, looked at on every read that asks.

- `linker`: `References`, what the service asks: link, look, accept
- `asking`: in which root or repository a reference is looked for
- `records`: what is stored of a reference, its snapshot included
- `details`: what an answer says of a reference; differences to what was kept
- `sayings`: the warnings
- `commits`: ``Tandem:`` trailers and diffs that touch referenced code
"""

from workflow_server.references.linker import References

__all__ = ["References"]
