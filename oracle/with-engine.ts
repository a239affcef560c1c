import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { OracleContext } from './oracle-context.ts'

/** Uses the task's engine. If it runs out of time or memory, it is closed, so that the next use gets a new one. */
export async function withEngine<T>(
  { bench }: OracleContext,
  specHash: Hash,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  try {
    return await use(await bench.engine(specHash))
  } catch (error) {
    if (error instanceof EngineRefusal && error.code === 'limit') await bench.discardEngine()
    throw error
  }
}
