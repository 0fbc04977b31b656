"""Time: the operations under one kernel or two, the playhead, and what was there at each position."""
