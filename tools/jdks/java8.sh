#!/bin/sh
# Runs the java of a root beside this script's folder; the checkout and /tmp are where they are outside.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
checkout=${here%/.cache/*}
java=$(cd "$here/root" && ls usr/lib/jvm/java-8-openjdk-*/jre/bin/java)
exec unshare --mount sh -c '
  root=$1 checkout=$2
  shift 2
  mkdir -p "$root$checkout"
  mount --bind "$checkout" "$root$checkout"
  mount --bind /tmp "$root/tmp"
  mount --bind /proc "$root/proc"
  exec chroot "$root" "$0" "$@"' "/$java" "$here/root" "$checkout" "$@"
