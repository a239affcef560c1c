import type { Range } from './ast.ts'

/** A range of a source that is replaced; `wrap` gets its text, with the edits inside it done. */
export interface Edit extends Range {
  wrap: (inner: string) => string
}

/**
 * Does edits on a source. They may lie inside each other, but not overlap; of two with one range the earlier is the outer one.
 *
 * @param source text
 * @param edits in bytes of its UTF-8
 * @returns the changed text
 * @throws if two overlap
 */
export function applied(source: string, edits: readonly Edit[]): string {
  const bytes = Buffer.from(source)
  const order = edits.map((edit, i) => ({ edit, i }))
  order.sort((a, b) => a.edit.start - b.edit.start || b.edit.end - a.edit.end || a.i - b.i)
  const sorted = order.map(({ edit }) => edit)
  const [text] = emit(bytes, { start: 0, end: bytes.length }, sorted, 0)
  return text
}

/** Text of a range, and the index of the first edit after it. */
function emit(bytes: Buffer, range: Range, edits: readonly Edit[], first: number): [string, number] {
  let [text, at, next] = ['', range.start, first]
  for (let edit = edits[next]; edit && edit.start < range.end; edit = edits[next]) {
    if (edit.end > range.end) throw new Error(`edits overlap at byte ${edit.start}`)
    text += bytes.toString('utf8', at, edit.start)
    const [inner, afterwards] = emit(bytes, edit, edits, next + 1)
    text += edit.wrap(inner)
    ;[at, next] = [edit.end, afterwards]
  }
  return [text + bytes.toString('utf8', at, range.end), next]
}

/** The source with a library that is imported from a file of its name. */
export function withLibrary(source: string, library: string): string {
  return source.replace(
    /^pragma solidity [^;]+;\n/m,
    (pragma) => `${pragma}import {${library}} from "${library}.sol";\n`,
  )
}
