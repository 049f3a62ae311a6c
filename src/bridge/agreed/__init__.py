"""What both servers agree on: words, wire formats, files and places.

Nothing here imports the MCP SDK, an HTTP library or either server, so that a
process pays for what it uses. Import the modules, not the package:

- `errors`: the one typed error that every door turns into its own kind of answer
- `states`: the states of a reference and the fixed first words of warnings
- `syntax`: how a reference to code is written
- `snapshots`: what is kept of the code at link time
- `resolution`: the wire models of ``POST /mcp/chunks/resolve``
- `identity`: by which name a repository is known
- `places`: the folders of this user's runtime files, data, settings and logs
- `endpoint`: the file in which the holder of a door says where it is
- `settings`: flags before environment before file before default
"""
