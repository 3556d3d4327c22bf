// Shares a run's concurrency out to the IDCs its hosts are in: one that is cut off holds up nobody but itself.

/**
 * Hosts in flight at once per IDC, in proportion to the hosts left there and at least 1 for each; with more IDCs
 * than `limit`, 1 for the largest ones. They sum to `limit`, or to the hosts left where those are fewer.
 */
export const idcShares = (
  left: ReadonlyMap<string, number>,
  limit: number,
): ReadonlyMap<string, number> => {
  const idcs = [...left].filter(([, hosts]) => hosts > 0).sort(([, a], [, b]) => b - a)
  if (idcs.length >= limit) return new Map(idcs.slice(0, limit).map(([idc]) => [idc, 1]))
  const shares = new Map<string, number>()
  let rest = limit
  let hostsLeft = idcs.reduce((sum, [, hosts]) => sum + hosts, 0)
  // Smallest first, each at least 1: the largest pays for the rounding.
  for (const [idc, hosts] of idcs.toReversed()) {
    const share = Math.min(hosts, rest, Math.max(1, Math.floor((rest * hosts) / hostsLeft)))
    shares.set(idc, share)
    rest -= share
    hostsLeft -= hosts
  }
  return shares
}
