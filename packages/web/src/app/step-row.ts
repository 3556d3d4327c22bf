// `j` and `k` on pages whose rows are links or hold one: the focus goes from row to row, so Enter opens.

/** Rows carry `data-row`; a row that takes no focus itself gives it to the first thing in it that does. */
export const stepRow = (by: 1 | -1): void => {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')].filter(
    (row) => row.offsetParent !== null,
  )
  const at = rows.findIndex((row) => row.contains(document.activeElement))
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))]
  if (row === undefined) return
  const target = row.matches('a, button') ? row : row.querySelector<HTMLElement>('a, button')
  target?.focus()
  row.scrollIntoView({ block: 'nearest' })
}
