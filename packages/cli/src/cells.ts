// How wide a text is on a terminal: Chinese characters take two cells. Imports nothing, because `om --help` needs it.

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Of a text without terminal escapes. */
export const cellsOf = (text: string): number => {
  let cells = 0
  for (const char of text) cells += wide.test(char) ? 2 : 1
  return cells
}
