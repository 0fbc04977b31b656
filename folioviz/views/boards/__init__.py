"""Boards: panels around one session. The explorer is one, and so is every story."""
