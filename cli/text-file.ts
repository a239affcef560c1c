import { readFileSync } from 'node:fs'

/** UTF-16's byte order marks, and what Node calls the encoding; other tools write these files, too. */
const UTF16_MARKS = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
] as const
const UTF8_MARK = [0xef, 0xbb, 0xbf]

/** A text file's bytes in UTF-8, without the byte order mark that some editors and shells write. @throws the system's error */
export function readTextBytes(file: string): Uint8Array {
  const bytes = readFileSync(file)
  const startsWith = (mark: readonly number[]) => mark.every((byte, i) => bytes[i] === byte)
  const wide = UTF16_MARKS.find(({ mark }) => startsWith(mark))
  if (wide !== undefined) return new TextEncoder().encode(new TextDecoder(wide.encoding).decode(bytes))
  return startsWith(UTF8_MARK) ? bytes.subarray(UTF8_MARK.length) : bytes
}

/** A text file's text, without a byte order mark. @throws the system's error */
export function readTextFile(file: string): string {
  return new TextDecoder().decode(readTextBytes(file))
}
