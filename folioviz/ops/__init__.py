"""What a user does: operations, the kernel functions that they call, and why one cannot be done now."""
