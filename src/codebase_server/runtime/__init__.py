"""What Python and the numeric library are told in every process: how garbage is collected, how many threads.

Imports nothing of the package, so that whatever begins a process may begin with it.
"""
