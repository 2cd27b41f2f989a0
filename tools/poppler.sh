#!/usr/bin/env bash
# The company's seal on a document is read by pdfsig, a reader that is none of ours. Where it is missing, root on a Debian-like system
# gets it; others are told what to do.
set -eu

works() { command -v pdfsig >/dev/null 2>&1; }

works && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing poppler's tools for the seals of documents"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends poppler-utils >/dev/null
    works && exit 0
fi
echo "The tests need pdfsig. Install it (Debian: apt-get install poppler-utils)." >&2
exit 1
