"""What the files of a kernel would say of a machine, in the kernel's names and formats."""
