#!/usr/bin/env bash
# Makes the virtual environment $1 with interpreter $2, or with the first Python >= 3.11 that can make one.
set -eu

fits() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -n "${2:-}" ]; then
    fits "$2" || { echo "PYTHON=$2 does not run, is older than 3.11 or lacks the venv module." >&2; exit 1; }
    exec "$2" -m venv --clear "$1"
fi
for candidate in python3 python python3.13 python3.12 python3.11; do
    if fits "$candidate"; then
        echo "Making $1 with $("$candidate" --version)"
        exec "$candidate" -m venv --clear "$1"
    fi
done
echo "No Python >= 3.11 with its venv module was found. Install one (Debian: apt-get install python3 python3-venv)" >&2
echo "or name it: make demo PYTHON=/path/to/python3.12" >&2
exit 1
