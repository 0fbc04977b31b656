"""Panels that only stories have: a module each, with a class ``Panel``; its look is ``static/story_NAME.css``."""
