"""``python -m folioviz`` is the command ``folioviz``."""

from folioviz.cli import main

if __name__ == "__main__":
    main()
