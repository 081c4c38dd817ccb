"""Times maskdb beside its peers. Tools/bench/README.md says how and why."""
