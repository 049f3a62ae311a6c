"""How MCP hosts are told of a server: which file, which place in it, and a change that can be undone.

- `known`: the hosts, where their settings files are, and the form of an entry
- `jsonc`: setting and removing one member of a JSON file with comments, leaving all other characters alone
- `toml`: the same for one table of a TOML file
- `change`: an intended change: its diff, its backup, its writing

Nothing here writes before it is told to.
"""
