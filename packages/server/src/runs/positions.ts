// Positions of hosts as a short text: `0-99,120`.

export const writePositions = (positions: readonly number[]): string => {
  const ranges: [number, number][] = []
  for (const position of positions.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && last[1] + 1 === position) last[1] = position
    else ranges.push([position, position])
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')
}

export const readPositions = (text: string): readonly number[] =>
  text === ''
    ? []
    : text.split(',').flatMap((range) => {
        const [from = 0, to = from] = range.split('-').map(Number)
        return Array.from({ length: to - from + 1 }, (_, n) => from + n)
      })
