import type { TaskSpec } from '@assay/engine/task-spec.ts'
import { maxUpdateBytes } from '@assay/engine/update.ts'
import type { Hash } from '@assay/sdk/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { fetchOpening, type Opening } from '@assay/store/opening-record.ts'
import { checkOpening, checkUpdate, type Expected, type Failed, type Opened } from './gates.ts'

/** How patient a look into the store is. At the last call a store that doesn't answer is given up on. */
export type Patience = { lastCall: boolean }

/**
 * The opening that a contributor published for its commitment.
 *
 * @throws StoreError `unavailable` before the last call: worth another try later
 */
export async function fetchCheckedOpening(
  store: BlobStore,
  commitment: Hash,
  patience: Patience,
): Promise<Opening | Failed> {
  const opening = await orFailed('S0', patience, () => fetchOpening(store, commitment))
  return opening ?? { ok: false, gate: 'S0', reason: 'it was not opened' }
}

/** Stages S0 and S1 of one submission: fetches opening and blob, and checks both. */
export async function fetchUpdate(options: {
  store: BlobStore
  spec: TaskSpec
  commitment: Hash
  expected: Expected
  patience: Patience
}): Promise<Opened | Failed> {
  const { store, spec, commitment, expected, patience } = options
  const opening = await fetchCheckedOpening(store, commitment, patience)
  if ('ok' in opening) return opening
  const refused = checkOpening(opening, expected)
  if (refused !== undefined) return refused

  const maxBytes = maxUpdateBytes(spec)
  const bytes = await orFailed('S1', patience, () => store.get(opening.updateHash, { maxBytes }))
  return bytes instanceof Uint8Array ? checkUpdate(spec, opening, bytes) : bytes
}

/** What the store refuses for good is the sender's failure; that it doesn't answer is nobody's. */
async function orFailed<T>(
  gate: 'S0' | 'S1',
  { lastCall }: Patience,
  look: () => Promise<T>,
): Promise<T | Failed> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    if (error.code !== 'unavailable') return { ok: false, gate, reason: error.message }
    if (!lastCall) throw error
    return { ok: false, gate, reason: error.message, unreachable: true }
  }
}
