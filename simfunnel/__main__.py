"""`python -m simfunnel`, `python cli.py`, the installed command: ready for Ctrl-C before anything heavy is loaded."""

from __future__ import annotations

from typing import NoReturn

from simfunnel import leaving


def main() -> NoReturn:
    """Run the command line of this process and end it with the command's exit code."""
    leaving.install()
    from simfunnel.app.standard import open_what_is_closed

    open_what_is_closed()
    from simfunnel.app.cli import main as run

    try:
        run()
    except SystemExit as ending:
        leaving.end(int(ending.code or 0))


if __name__ == "__main__":
    main()
