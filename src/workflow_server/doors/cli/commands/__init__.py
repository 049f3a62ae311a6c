"""One module a family of commands; `group.COMMANDS` says which command is where."""
