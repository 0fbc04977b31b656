"""What goes in and out as text: scenario documents, links, tables and page dumps."""
