"""`python -m sim` is `serbia-sim`."""

from sim.cli import main

if __name__ == "__main__":
    main()
