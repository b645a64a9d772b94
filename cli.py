"""`python cli.py run ...` from a checkout; the installed command is `simfunnel`."""

if __name__ == "__main__":  # not in workers, which load this file too
    from simfunnel.__main__ import main

    main()
