import { blobHash } from '@assay/engine/hash.ts'
import { parseState, type State, serializeState } from '@assay/engine/package/state.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { isMissing } from '@assay/store/blob-store.ts'
import type { ContributorContext } from './contributor-context.ts'

/**
 * The model with that hash, from the package or the store.
 *
 * @returns undefined as long as nobody has put it into the store
 */
export async function fetchModel(context: ContributorContext, hash: Hash): Promise<State | undefined> {
  const { spec, init } = await context.bench.package(context.params.specHash)
  if (blobHash(serializeState(spec, init)) === hash) return init
  try {
    return parseState(spec, await context.store.get(hash, { maxBytes: maxUpdateBytes(spec) }))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
