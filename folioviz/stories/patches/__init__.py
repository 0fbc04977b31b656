"""Patches to read and try in a story; nobody has posted them."""
