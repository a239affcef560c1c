import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { OracleContext } from '../oracle-context.ts'
import type { PoolName } from './seal-pool.ts'

/** The pool that the task of a package is judged by. */
export async function currentPool(
  { bench }: Pick<OracleContext, 'bench'>,
  specHash: Hash,
): Promise<PoolName> {
  const { spec } = await bench.package(specHash)
  return { specHash, poolRoot: spec.pool.root as Hash }
}
