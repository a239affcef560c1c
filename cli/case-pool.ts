import { writePool } from '@assay/engine/package/pool.ts'
import { readClosedRound } from '@assay/oracle/court/recompute/closed-round.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { encryptCaseEvidence } from '@assay/store/case-evidence.ts'
import { hashOf } from '@assay/store/sha256.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import { type PutBlob, putBlobOf } from './case-file.ts'
import type { KeyOptions } from './options.ts'
import { readOnePool } from './read-package.ts'
import { packageOf } from './task-package.ts'

type PoolCaseOptions = KeyOptions & StoreOptions & { pool: string; package?: string }

/** The evidence of a case about a score or a model, and what puts it, or another blob, into the stores. */
export type PoolCase = {
  charge: { evidence: Hash; key: Uint8Array }
  put: () => Promise<void>
  putBlob: PutBlob
}

/**
 * The held-out pool that judged a round, from its owner's or a validator's file, encrypted for the jurors of a case.
 *
 * @throws CliError when the file holds another pool
 */
export async function readPoolCase(
  options: PoolCaseOptions,
  reader: AssayReader,
  facts: Pick<CaseFacts, 'kind' | 'taskId' | 'round' | 'subject' | 'defendant'>,
): Promise<PoolCase> {
  const { params, poolRoot } = await readClosedRound(reader, facts)
  const { spec } = await packageOf(options, { ...params, taskId: facts.taskId })
  const { pool } = await readOnePool(options.pool, spec, [poolRoot])
  const { chainId } = reader.deployment
  const { key, blob } = encryptCaseEvidence(writePool(pool, spec), { chainId, ...facts })
  const putBlob = putBlobOf(options, facts.taskId)
  return { charge: { evidence: hashOf(blob), key }, put: () => putBlob(blob), putBlob }
}
