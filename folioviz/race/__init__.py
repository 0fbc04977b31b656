"""Several CPUs: every schedule of some operations is tried, and the worst can be played step by step."""
