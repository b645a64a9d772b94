"""`python cli.py run ...` from a checkout; the installed command is `simfunnel`."""

from simfunnel.app.cli import main

if __name__ == "__main__":
    main()
