"""A linked kernel becomes machine code: the same rows and the same machine, some hundred times as fast."""
