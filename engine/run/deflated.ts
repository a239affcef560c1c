/** Bytes that strangers send deflated (RFC 1951), of a size that is known before. */
import { deflateSync } from 'fflate'
import { inflateTo } from '../inflate.ts'
import { refusing } from '../refusal.ts'

/** A higher level takes longer and gives little less. */
const LEVEL = 1
/** What deflating may add, by part of the whole, where nothing can be made shorter. */
const MOST_ADDED = 1_000

/** The same bytes give the same on every machine. */
export function deflated(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: LEVEL })
}

/** Most that so many bytes become. */
export function maxDeflatedBytes(size: number): number {
  return size + Math.ceil(size / MOST_ADDED) + MOST_ADDED
}

/**
 * What was deflated, in memory of its own. No more than its size is ever inflated.
 *
 * @param what it is, for messages: singular
 * @throws EngineRefusal `evidence` for bytes that don't inflate to so many
 */
export function inflated(bytes: Uint8Array, size: number, what: string): Uint8Array<ArrayBuffer> {
  return refusing('evidence', `${what} does not inflate`, () => inflateTo(size, bytes))
}
