/** Text files as UTF-8 without a byte order mark, whatever encoding their mark names. */
import { demand, EngineRefusal } from '../refusal.ts'

/** What is looked at in one go: a file's text is never in memory as a whole besides its bytes. */
const PIECE_BYTES = 2 ** 20
const WIDE_MARKS = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
] as const
const UTF8_MARK = [0xef, 0xbb, 0xbf]
const FIX = 'save the file as UTF-8'

/**
 * A text file's bytes in UTF-8, without its byte order mark.
 *
 * @param file what messages call it
 * @throws EngineRefusal `data` for an empty file, for bytes that are no text, or not of the encoding that the mark names
 */
export function utf8Bytes(file: string, bytes: Uint8Array): Uint8Array {
  const startsWith = (mark: readonly number[]) => mark.every((byte, i) => bytes[i] === byte)
  const wide = WIDE_MARKS.find(({ mark }) => startsWith(mark))
  const text =
    wide === undefined ? bytes.subarray(startsWith(UTF8_MARK) ? 3 : 0) : widened(file, bytes, wide.encoding)
  demand(text.length > 0, 'data', () => `${file} is empty`)
  refuseOtherBytes(file, text)
  return text
}

function widened(file: string, bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): Uint8Array {
  try {
    return new TextEncoder().encode(new TextDecoder(encoding, { fatal: true }).decode(bytes))
  } catch (error) {
    throw new EngineRefusal('data', `${file} starts like UTF-16, but isn't: ${FIX}`, { cause: error })
  }
}

function refuseOtherBytes(file: string, text: Uint8Array): void {
  const zero = text.indexOf(0)
  demand(
    zero < 0,
    'data',
    () =>
      `${file} has a zero byte in line ${lineAt(text, zero)}, as pictures, archives and UTF-16 without a mark have: ${FIX}`,
  )
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let at = 0; at < text.length; at += PIECE_BYTES) {
    const end = Math.min(at + PIECE_BYTES, text.length)
    try {
      decoder.decode(text.subarray(at, end), { stream: end < text.length })
    } catch (error) {
      const line = firstOtherLine(text, at)
      throw new EngineRefusal('data', `${file} is not UTF-8 in line ${line}: ${FIX}`, { cause: error })
    }
  }
}

/** The line in which the text stops to be UTF-8, from a place after which it does. */
function firstOtherLine(text: Uint8Array, from: number): number {
  let begin = text.lastIndexOf(10, from) + 1
  for (let line = lineAt(text, begin); ; line++) {
    const end = text.indexOf(10, begin)
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(text.subarray(begin, end < 0 ? text.length : end))
    } catch {
      return line
    }
    if (end < 0) return line
    begin = end + 1
  }
}

function lineAt(text: Uint8Array, at: number): number {
  let line = 1
  for (let i = text.indexOf(10); i >= 0 && i < at; i = text.indexOf(10, i + 1)) line++
  return line
}
