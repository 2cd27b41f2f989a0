#!/usr/bin/env bash
# The configurations of docs/deploy/proxy.md are tried with nginx and Caddy themselves. Where they are missing, a Debian-like system gets
# their packages unpacked under build/: nothing is installed, no service begins. Others are told what to do.
set -eu
place=build/proxies

there() { command -v "$1" >/dev/null 2>&1 || [ -x "$place/usr/sbin/$1" ] || [ -x "$place/usr/bin/$1" ]; }
works() { there nginx && there caddy; }
fetch() { (cd "$place" && apt-get download -qq nginx caddy 2>/dev/null); }

works && exit 0
if command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1; then
    echo "Fetching nginx and Caddy for the stories of proxies"
    mkdir -p "$place"
    fetch || { [ "$(id -u)" = 0 ] && apt-get update -qq && fetch; }
    for package in "$place"/*.deb; do dpkg-deb -x "$package" "$place"; done
    rm -f "$place"/*.deb
    works && exit 0
fi
echo "The tests need nginx and Caddy. Install them (Debian: apt-get install nginx caddy)." >&2
exit 1
