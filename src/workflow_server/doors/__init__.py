"""The three ways in: MCP, REST and the command line, each a thin translation onto the same service.

`operations` says what MCP and REST may ask and with which arguments, `text` how an answer reads. Both are
shared; the doors themselves do not know of one another.
"""
