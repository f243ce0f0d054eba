"""`python -m jmx_bridge` is `jmx-bridge`."""

from .cli import main

if __name__ == "__main__":
    main()
