#!/bin/sh
# list.sh DIRECTORY PATTERN - the files below a directory, sorted: what meson builds without naming each.
cd "${MESON_SOURCE_ROOT:-.}" && find "$1" -name "$2" | LC_ALL=C sort
