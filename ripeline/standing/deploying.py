"""Puts our work pool and the flows of prefect.yaml on the server of PREFECT_API_URL, by Prefect's own commands; run as a program by `ripeline up`.

One process for both: to import Prefect takes longer than to deploy.
"""

import sys

POOL = "ripeline"


def deploy() -> None:
    """Do what an operator types to deploy, in the folder of prefect.yaml."""
    _typed("work-pool", "create", POOL, "--type", "process", "--overwrite")
    _typed("deploy", "--all")


def _typed(*words: str) -> None:
    """Run one of Prefect's commands in this process; one that fails ends the process with its exit code."""
    from prefect.cli import app

    sys.argv = ["prefect", "--no-prompt", *words]
    try:
        app()
    except SystemExit as ended:
        if ended.code:
            raise


if __name__ == "__main__":
    deploy()
