"""What a person does and has chosen, in one place, and one frame per change."""
