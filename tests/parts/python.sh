#!/bin/sh
# Prints the path of a Python of the version asked for that really runs, or nothing: tests/parts/python.sh 3.13
# pyenv's shims are in PATH for every version it has, and refuse to run all but the chosen one: so its folders are tried too.
for candidate in "$(command -v "python$1")" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1"*/bin/python"$1"; do
  if [ -x "$candidate" ] && "$candidate" -c pass 2>/dev/null; then
    echo "$candidate"
    exit 0
  fi
done
