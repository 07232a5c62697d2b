#!/bin/sh
# Not at an update, where dpkg says upgrade.
set -e
[ "$1" = remove ] && [ -d /run/systemd/system ] || exit 0
systemctl disable --now ccaas_exporter.service ccaas_exporter.socket
