"""What stories share: choices and tables, and figures that several of them compute."""
