/** A table of 16 bits by kind that is packed into one constant, as conditions: each value follows from the constant's own text. */
export function tableOf(source: string, constant: string): string {
  const entries = entriesOf(source, constant, /\((\w+) << \(16 \* uint256\(([\w.]+)\)\)\)/g)
  return `(${entries.map(([, share, kind]) => `number == uint256(${kind}) ? ${share} : `).join('')}0)`
}

/** Whether a number is in a set whose bits are packed into one constant. */
export function setOf(source: string, constant: string): string {
  const entries = entriesOf(source, constant, /\(1 << uint256\(([\w.]+)\)\)/g)
  return `(${entries.map(([, kind]) => `number == uint256(${kind})`).join(' || ')})`
}

/** `word << places` for places up to `most`. */
export function doubled(word: string, places: string, most: number): string {
  const powers = Array.from({ length: most }, (_, i) => `${places} == ${i} ? ${2 ** i} : `)
  return `${word} * (${powers.join('')}${2 ** most})`
}

function entriesOf(source: string, constant: string, entry: RegExp): RegExpExecArray[] {
  const text = new RegExp(`constant ${constant} =([^;]*);`).exec(source)?.[1] ?? ''
  const entries = [...text.matchAll(entry)]
  const rest = text.replaceAll(entry, '').replaceAll(/[|\s]/g, '')
  if (entries.length === 0 || rest !== '') throw new Error(`${constant} is no table: ${rest}`)
  return entries
}
