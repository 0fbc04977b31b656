"""The machine that a kernel runs on: its fields and memory, the only code that writes to it, and the journal."""
