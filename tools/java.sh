#!/usr/bin/env bash
# The Nu checker needs a Java. Where it is missing, root on a Debian-like system gets it; others are told what to do.
set -eu

works() { java -version >/dev/null 2>&1; }

works && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Java for the checker of HTML"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null
    works && exit 0
fi
echo "The tests need Java >= 17 to check HTML. Install it (Debian: apt-get install default-jre-headless)." >&2
exit 1
