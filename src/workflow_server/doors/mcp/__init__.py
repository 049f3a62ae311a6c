"""The MCP door: tools, resources with change notifications, prompts and completions, in both protocol
eras.
"""
