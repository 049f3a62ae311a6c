"""Finding items: filters, full text, likeness of titles, pages."""
