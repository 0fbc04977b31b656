"""The laws that hold between operations, whichever kernel runs, checked against the machine counted anew."""
