import { Inflate } from 'fflate'

type NativeZlib = {
  inflateRawSync(bytes: Uint8Array, options: { chunkSize: number; maxOutputLength: number }): Uint8Array
}
type NodeProcess = { getBuiltinModule?(name: 'node:zlib'): NativeZlib | undefined }

// Node's own implementation is ten times faster; asking the process for it keeps this file loadable in browsers.
const node = (globalThis as { process?: NodeProcess }).process
const native = node?.getBuiltinModule?.('node:zlib')

/** Deflated bytes that are read at once: no 16 KiB can become more than 17 MB. */
const PIECE_BYTES = 16 * 1024
/** Least that Node takes as a piece. */
const LEAST_CHUNK_BYTES = 64

/**
 * What deflated bytes (RFC 1951) become: `size` bytes in memory of their own. No more than that is ever inflated.
 *
 * @throws Error that says what is wrong, for bytes that don't inflate, or to another size
 */
export function inflateTo(size: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = native === undefined ? inflatePortably(size, bytes) : inflateNatively(native, size, bytes)
  if (whole.length !== size) throw new Error(`it inflates to ${whole.length} bytes, expected ${size}`)
  return ownMemory(whole)
}

/** The bytes alone in their memory: Node takes that of a small result from a place that others share. */
function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length
  return isOwn ? new Uint8Array(buffer) : Uint8Array.from(bytes)
}

function inflateNatively(zlib: NativeZlib, size: number, bytes: Uint8Array): Uint8Array {
  try {
    // In one piece, so that the result is its own memory, once.
    const chunkSize = Math.max(LEAST_CHUNK_BYTES, size)
    return zlib.inflateRawSync(bytes, { chunkSize, maxOutputLength: size })
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_BUFFER_TOO_LARGE') throw error
    throw tooLarge(size)
  }
}

/** The same without Node, as in browsers: of at most `size` bytes. */
export function inflatePortably(size: number, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  const inflate = new Inflate((part) => {
    if (at + part.length > size) throw tooLarge(size)
    whole.set(part, at)
    at += part.length
  })
  for (let from = 0; from < bytes.length; from += PIECE_BYTES)
    inflate.push(bytes.subarray(from, from + PIECE_BYTES), from + PIECE_BYTES >= bytes.length)
  return whole.subarray(0, at)
}

function tooLarge(size: number): Error {
  return new Error(`it inflates to more than ${size} bytes`)
}
