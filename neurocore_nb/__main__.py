"""``python -m neurocore_nb`` is the command ``neurocore``."""

import sys

from .cli.main import main

if __name__ == "__main__":
    sys.exit(main())
