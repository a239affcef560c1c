/** Which of a list's entries were taken, as a word in a file's metadata: `1` or `0` for each, the first entry first. */
export function bitmapText(taken: readonly boolean[]): string {
  return taken.map((is) => (is ? '1' : '0')).join('')
}

/** Reads what {@link bitmapText} wrote. @returns undefined for anything else, and for more than `most` entries */
export function readBitmap(text: string | undefined, most: number): boolean[] | undefined {
  if (text === undefined || text.length === 0 || text.length > most || /[^01]/.test(text)) return undefined
  return [...text].map((digit) => digit === '1')
}
