"""What a machine or a history holds, in the words of a reader."""
