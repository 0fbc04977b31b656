"""The page in the browser: HTML, CSS and JavaScript; it knows no folio."""
