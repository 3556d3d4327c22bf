// Loaded before `om` (NODE_OPTIONS=--import): makes it a peer of the next version, whose messages have fields in them
// that today's do not know, at every depth that a version may add to.

const { stringify } = JSON

const future = { fromTheFuture: { of: ['another', 'version'], n: 7 } }

const isOurs = (value) =>
  ('kind' in value && 'sliceId' in value) ||
  ('slice' in value && 'secrets' in value) ||
  ('startedAt' in value && 'drivers' in value) ||
  ('want' in value && 'reason' in value) ||
  ('keys' in value && Array.isArray(value.keys)) ||
  ('held' in value && 'unbegun' in value) ||
  ('slices' in value && Object.keys(value).length === 1)

const aged = (value) => {
  const { slice, end, keys } = value
  return {
    ...value,
    ...future,
    ...(slice && typeof slice === 'object'
      ? {
          slice: {
            ...slice,
            ...future,
            action: { ...slice.action, ...future },
            hosts: slice.hosts.map((host) => ({ ...host, ...future })),
          },
        }
      : {}),
    ...(end && typeof end === 'object' ? { end: { ...end, ...future } } : {}),
    ...(keys ? { keys: keys.map((key) => ({ ...key, ...future })) } : {}),
  }
}

JSON.stringify = (value, ...more) =>
  stringify(
    value && typeof value === 'object' && !Array.isArray(value) && isOurs(value)
      ? aged(value)
      : value,
    ...more,
  )
