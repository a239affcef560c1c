import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, isMissing, type ReadOptions, StoreError } from '@assay/store/blob-store.ts'
import { fetchOpening, type Opening } from '@assay/store/opening-record.ts'
import { checkOpening, checkUpdate, type Expected, type Failed, type Opened } from './gates.ts'

/**
 * The opening that a contributor published for its commitment.
 *
 * @throws StoreError `unavailable`; a later try may succeed
 */
export async function fetchCheckedOpening(
  store: BlobStore,
  commitment: Hash,
  options: ReadOptions,
): Promise<Opening | Failed> {
  const opening = await orFailed(() => fetchOpening(store, commitment, options))
  return opening ?? { ok: false, gate: 'S0', reason: 'it was not opened' }
}

type UpdateAsked = ReadOptions & { store: BlobStore; spec: TaskSpec }
type OpeningAsked = ReadOptions & { store: BlobStore; commitment: Hash; expected: Expected }

/** Stages S0 and S1 of one submission: fetches opening and update, and checks both. @throws StoreError `unavailable` */
export async function fetchUpdate(options: OpeningAsked & UpdateAsked): Promise<Opened | Failed> {
  const opening = await fetchExpectedOpening(options)
  return 'ok' in opening ? opening : fetchFinal({ ...options, opening })
}

/** Stage S0 of one submission. @throws StoreError `unavailable` */
export async function fetchExpectedOpening(options: OpeningAsked): Promise<Opening | Failed> {
  const { store, commitment, expected } = options
  const opening = await fetchCheckedOpening(store, commitment, options)
  return 'ok' in opening ? opening : (checkOpening(opening, expected) ?? opening)
}

/**
 * Stage S1 of one submission with its opening. An update that isn't there fails S0, like an opening: that is this seat's word,
 * while whatever fails S1 can be proved from the update's bytes.
 *
 * @throws StoreError `unavailable`
 */
export async function fetchFinal(options: UpdateAsked & { opening: Opening }): Promise<Opened | Failed> {
  const { store, spec, opening, signal } = options
  const [maxBytes, limit] = [opening.updateSizeBytes, maxUpdateBytes(spec)]
  if (maxBytes > limit)
    return { ok: false, gate: 'S1', reason: `the update has ${maxBytes} bytes, the limit is ${limit}` }
  const bytes = await orFailed(() => store.get(opening.updateHash, { maxBytes, signal }))
  return bytes instanceof Uint8Array ? checkUpdate(spec, opening, bytes) : bytes
}

/**
 * Reads from the store, and turns its error into a failed S0. An update fails only for what every other seat must
 * find too: its owner put nothing. Bytes that don't fit their hash, commitment, signature or signed length aren't what
 * the owner put, so they count as no answer, which is nobody's fault.
 */
async function orFailed<T>(look: () => Promise<T>): Promise<T | Failed> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    if (isMissing(error)) return { ok: false, gate: 'S0', reason: error.message }
    throw asUnavailable(error)
  }
}

/** The error as `unavailable`, so that the read is tried again later. */
export function asUnavailable(error: StoreError): StoreError {
  if (error.code === 'unavailable') return error
  return new StoreError('unavailable', `the store gave no usable answer: ${error.message}`, { cause: error })
}
