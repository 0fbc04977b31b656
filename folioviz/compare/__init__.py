"""The same operations on several kernels: what they cost, what differs, and which kernel hits a bug."""
