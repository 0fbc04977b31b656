"""The panels of the explorer, a module each, and the parts that panels share."""
