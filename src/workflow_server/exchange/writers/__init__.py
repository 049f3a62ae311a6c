"""Items as text for other programs and for reading: Markdown folder, CSV, Mermaid. The lossless form is
`archive`.
"""

from workflow_server.exchange.writers.items import all_items
from workflow_server.exchange.writers.markdown import write_folder
from workflow_server.exchange.writers.mermaid import as_mermaid
from workflow_server.exchange.writers.table import as_csv, not_in_csv

__all__ = ["all_items", "as_csv", "as_mermaid", "not_in_csv", "write_folder"]
