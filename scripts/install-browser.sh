#!/bin/sh
# Installs Chromium for the tests of the console (Debian and Ubuntu). Safe to run again.
set -eu

if [ -n "${CHROMIUM_PATH:-}" ] && [ -x "$CHROMIUM_PATH" ]; then
  echo "Chromium is there: $CHROMIUM_PATH"
  exit 0
fi
if [ -x /usr/bin/chromium ]; then
  echo "Chromium is there: /usr/bin/chromium"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Installing Chromium needs root: run this with sudo, or set CHROMIUM_PATH to a Chromium." >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends chromium
/usr/bin/chromium --version
