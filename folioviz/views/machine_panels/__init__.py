"""What the dashboard *A running machine* is made of: a module for each part."""
