import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import type { OracleContext } from './oracle-context.ts'

/**
 * The task's engine, for work with a deadline. A call that isn't answered by then is refused with `limit`. After a call
 * that broke off, the next one gets a new engine: so one update can't cost the others their scores.
 */
export function engineUntil(
  { bench }: Pick<OracleContext, 'bench'>,
  { specHash, spec }: { specHash: Hash; spec: TaskSpec },
  signal: AbortSignal,
): Engine {
  const ask = async <T>(call: (engine: Engine) => Promise<T>): Promise<T> => {
    try {
      return await untilAborted(signal, async () => call(await bench.engine(specHash)), outOfTime)
    } catch (error) {
      // Values that aren't finite leave the engine as it was. Anything else may have broken it, or it still works on.
      if (!(error instanceof EngineRefusal && error.code === 'state')) void bench.discardEngine()
      throw error
    }
  }
  return {
    spec,
    steps: (state, batches) => ask((engine) => engine.steps(state, batches)),
    evaluate: (state, batches) => ask((engine) => engine.evaluate(state, batches)),
    close: () => bench.discardEngine(),
  }
}

function outOfTime({ reason }: AbortSignal): EngineRefusal {
  const why = reason instanceof Error ? reason.message : String(reason)
  return new EngineRefusal('limit', `the task's graphs did not finish in time (${why})`, { cause: reason })
}
