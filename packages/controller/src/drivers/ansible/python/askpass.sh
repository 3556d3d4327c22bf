#!/bin/sh
# Answers ssh when it asks for a password: those of a play lie in its box, under the name that ssh knows the host by.
name=$(printf %s "$1" | sed -n "s/.*@\(om[0-9]*\(j[0-9]*\)\{0,1\}\)[')].*/\1/p")
[ -n "$name" ] && [ -f "$OM_BOX/a/$name" ] && exec cat "$OM_BOX/a/$name"
exit 1
