"""The MCP door: six tools, two resources, two prompts, in both protocol eras."""
