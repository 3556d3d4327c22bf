// The web layer: database, HTTP, live events. Runs nothing on hosts.

export {}
