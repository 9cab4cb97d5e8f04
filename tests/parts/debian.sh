#!/bin/sh
# Installs a Debian package when its program is missing: tests/parts/debian.sh PACKAGE PROGRAM
set -eu
PATH=$PATH:/usr/sbin:/sbin
command -v "$2" >/dev/null && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "$2 is needed by the tests: install it, on Debian with 'apt-get install $1'" >&2
  exit 1
fi
echo "installing Debian's $1 (once)"
# A machine that is new has no lists; one that is not may have old ones.
apt-get update -qq >/dev/null
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
