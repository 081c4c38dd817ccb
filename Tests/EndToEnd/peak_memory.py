"""Runs a command and prints its exit code and its peak resident kilobytes as JSON.

A process of its own, because a child's peak starts at the size of the process that it was forked
from, and a test that has loaded torch is large.
"""

import json
import os
import sys

if __name__ == "__main__":
    child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
    _, status, usage = os.wait4(child, 0)
    print(json.dumps({"code": os.waitstatus_to_exitcode(status), "peak": usage.ru_maxrss}))
