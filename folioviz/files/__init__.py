"""What goes in and out as text: scenario documents, links and tables."""
