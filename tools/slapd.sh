#!/usr/bin/env bash
# The stories of signing in from a directory run against OpenLDAP. Where it is missing, root on a Debian-like system gets it;
# others are told what to do. The tests start a server of their own; the package's is not used.
set -eu

works() { [ -x /usr/sbin/slapd ] || command -v slapd >/dev/null 2>&1; }

works && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing OpenLDAP for the stories of a directory"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends slapd >/dev/null
    works && exit 0
fi
echo "The tests need OpenLDAP's slapd. Install it (Debian: apt-get install slapd)." >&2
exit 1
