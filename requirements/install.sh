#!/bin/sh
# Makes a virtual environment and installs into it the pinned packages and this project, editable.
# Usage: sh requirements/install.sh VENV [PYTHON]      (from the root of the checkout)
#
# A second call returns at once: the file VENV/installed says for what the environment was made.
set -eu
venv=$1
python=${2-}

fail() {
    echo "$*" >&2
    exit 1
}

version() { # "3.12", or nothing where that command is no working Python
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

recent_enough() {
    case $1 in
        3.1[1-9] | 3.[2-9][0-9]) return 0 ;;
        *) return 1 ;;
    esac
}

first_recent_enough() { # python3 where it will do; else one that carries its version in its name
    for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
        if recent_enough "$(version "$candidate")"; then
            echo "$candidate"
            return
        fi
    done
}

current=$(version "$venv/bin/python")
if [ -n "$python" ]; then
    wanted=$(version "$python")
    [ -n "$wanted" ] || fail "PYTHON=$python: no Python starts under that name; give the path of Python 3.11 or later"
else
    wanted=$current # an environment that is there stays, whichever other one is active
fi

if recent_enough "$current" && [ "$current" = "$wanted" ]; then
    mark="$(pwd) $current $(cat pyproject.toml requirements/pins.txt requirements/install.sh | cksum)"
    [ "$(cat "$venv/installed" 2>/dev/null || true)" = "$mark" ] && exit 0
fi

if [ -z "$python" ]; then
    python=$(first_recent_enough)
    [ -n "$python" ] || fail "Python 3.11 or later is needed, and none was found (python3 is $(version python3)):" \
        "install one, or say where it is: make PYTHON=/path/to/python3"
    recent_enough "$current" || wanted=$(version "$python")
fi
recent_enough "$wanted" || fail "PYTHON=$python is Python $wanted; 3.11 or later is needed: make PYTHON=/path/to/python3"

# Scripts in an environment hold its path, so that one made elsewhere, or for another Python, is made anew.
if [ "$current" != "$wanted" ] || { [ -f "$venv/installed" ] && ! grep -qF "$(pwd) $wanted " "$venv/installed"; }; then
    echo "Making $venv with Python $wanted" >&2
    "$python" -m venv --clear "$venv"
fi
rm -f "$venv/installed"

case $wanted in
    3.11 | 3.12 | 3.13)
        echo "Installing the pinned packages into $venv (about a minute, once)" >&2
        "$venv/bin/python" -m pip install --quiet --no-deps --requirement requirements/pins.txt
        "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
        ;;
    *)
        echo "No versions were pinned for Python $wanted: installing the newest that pyproject.toml allows" >&2
        "$venv/bin/python" -m pip install --quiet --editable '.[dev,notebook]'
        ;;
esac
echo "$(pwd) $wanted $(cat pyproject.toml requirements/pins.txt requirements/install.sh | cksum)" >"$venv/installed"
