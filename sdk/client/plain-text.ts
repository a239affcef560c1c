/**
 * Makes text of strangers harmless on a terminal and in a log. Tokens choose their symbols, task owners their names,
 * contracts their reasons, nodes and stores their errors: any of them may clear the screen, write from right to left, or hold
 * letters that nobody sees.
 */

/**
 * Control characters, formatting (bidirectional overrides, zero width), private and unassigned characters and lone halves
 * (all \p{C}); line separators; spaces other than the usual one; what terminals draw as nothing.
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu
/** Marks on top of marks, which grow over the lines above and below. */
const PILED_MARKS = /(?<=\p{M}{2})\p{M}+/gu

/** A stranger's text in one line: what isn't visible is written as `\u{1b}`, and what is longer than `most` is cut, with `…`. */
export function plainText(text: string, most = 80): string {
  // Cut before all else, so that a megabyte costs no more than a line.
  const letters = [...text.slice(0, 2 * most + 2)]
  const isLonger = letters.length > most
  return escapeHidden(letters.slice(0, most).join('')) + (isLonger ? '…' : '')
}

/** Text of our own, which may hold a stranger's: line breaks stay, all else that isn't visible is escaped. */
export function plainLines(text: string): string {
  return text.split('\n').map(escapeHidden).join('\n')
}

/** JSON in which nothing is hidden; it means the same. */
export function plainJson(json: string): string {
  return json
    .replace(HIDDEN, (hidden) => (hidden === '\n' ? hidden : utf16Escapes(hidden)))
    .replace(PILED_MARKS, utf16Escapes)
}

function escapeHidden(text: string): string {
  return text
    .replace(PILED_MARKS, '')
    .replace(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0)!.toString(16)}}`)
}

function utf16Escapes(text: string): string {
  return Array.from({ length: text.length }, (_, i) => {
    return `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`
  }).join('')
}
