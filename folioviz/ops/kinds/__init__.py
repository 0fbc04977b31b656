"""The operations, by what they are for."""
