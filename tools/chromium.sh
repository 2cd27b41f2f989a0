#!/usr/bin/env bash
# The browser tests need a Chromium. Where it is missing, root on a Debian-like system gets it; others are told what to do.
set -eu

for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
    command -v chromium >/dev/null 2>&1 && exit 0
fi
echo "The tests need Chromium. Install it (Debian: apt-get install chromium) or set CHROMIUM to its program." >&2
exit 1
