"""How answers read: compact plain text for models and for pipes, and the cut that keeps an answer affordable.

Import the modules: `budget`, `rows`, `items`, `answers`.
"""
