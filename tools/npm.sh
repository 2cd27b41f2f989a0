#!/usr/bin/env bash
# Installs the groups of npm packages that tests run, as pinned in requirements/npm/GROUP, into build/npm/GROUP. The locks hold
# a checksum of every package and no address: where packages come from is the machine's own configuration.
#   tools/npm.sh gates lighthouse      tools/npm.sh --pin (renews the locks from each package.json)
set -eu
cd "$(dirname "$0")/.."
quiet=(--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error)

need_npm() {
    command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing Node and npm for the tests"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
        command -v npm >/dev/null 2>&1 && return
    fi
    echo "The tests need Node >= 20.19 with npm. Install them (Debian: apt-get install nodejs npm)." >&2
    exit 1
}

if [ "${1:-}" = --pin ]; then
    need_npm
    for folder in requirements/npm/*/; do
        (cd "$folder" && npm install "${quiet[@]}" --package-lock-only --omit-lockfile-registry-resolved)
    done
    exit
fi
for group in "$@"; do
    from="requirements/npm/$group" into="build/npm/$group"
    cmp -s "$from/package-lock.json" "$into/.installed" && continue
    need_npm
    mkdir -p "$into"
    rm -f "$into/.installed"
    cp "$from/package.json" "$from/package-lock.json" "$into/"
    echo "Installing what requirements/npm/$group names"
    (cd "$into" && npm ci "${quiet[@]}")
    cp "$from/package-lock.json" "$into/.installed"
done
