"""Two processes that torchrun starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from command import REPOSITORY

HERE = Path(__file__).parent
PATHS = [HERE, HERE.parent, REPOSITORY / "Tools" / "python" / "src"]


def two_processes(script: str, *arguments: object, **variables: str) -> None:
    """Runs a script of this folder in two processes under gloo; fails with what they said."""
    run = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = os.environ | variables
    environment |= {"PYTHONPATH": os.pathsep.join(map(str, PATHS)), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*run, str(HERE / script), *map(str, arguments)],
        env=environment, capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
