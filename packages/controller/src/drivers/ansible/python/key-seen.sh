#!/bin/sh
# Asked by ssh for known keys (it knows of none): writes down the key that a host shows. TYPE KEY FILE
[ "$2" = NONE ] || printf '%s %s\n' "$1" "$2" >>"$3"
