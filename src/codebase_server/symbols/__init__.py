"""Names: where they are defined, which lines mention them, and what a file or folder holds.

- `definitions.find`: exact lookup by name, qualified or not, or by prefix
- `usages.find`: lines that mention a name, through the postings
- `outline.of_file`, `outline.of_folder`: symbols of a file; a map of a folder's weightiest files
"""
