"""Types of items: a JSON Schema for each type's metadata, its versions, and filters over what it holds."""
