#!/usr/bin/env bash
# Papers are printed by WeasyPrint, which needs Pango and HarfBuzz. Where they are missing, root on a Debian-like system gets them.
set -eu

python=${1:-python3}
works() { "$python" -c 'import weasyprint' >/dev/null 2>&1; }
if works; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Pango for the tests of papers"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 >/dev/null
    if works; then exit 0; fi
fi
echo "The tests of papers need Pango and HarfBuzz. Install them (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)." >&2
exit 1
