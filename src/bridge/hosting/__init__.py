"""What both stdio servers need around their tools.

- `toolset`: strict tools on the MCP SDK (`ToolSet`, `Answer`)
- `server`: `HostedServer`, the SDK's server with these tools, over stdio
- `wire`: keeps stdout for MCP frames from the first byte
- `life`: ends the process with its host, within two seconds
- `logs`: stderr and a rotating file, request ids, slow operations

Import the modules, not the package: `wire`, `life` and `logs` must be usable
before the SDK is imported.
"""
