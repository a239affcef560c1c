import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal, isDeterministic } from '@assay/engine/refusal.ts'
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
    // Whoever gives up on an engine that is still opening leaves it to the next.
    const engine = await untilAborted(signal, () => bench.engine(specHash), outOfTime)
    try {
      return await untilAborted(signal, () => call(engine), outOfTime)
    } catch (error) {
      // It may be broken, or still at work. A failure that follows from the inputs leaves it as it was.
      if (!isDeterministic(error)) void bench.discardEngine()
      throw error
    }
  }
  return {
    spec,
    steps: (state, batches) => ask((engine) => engine.steps(state, batches)),
    evaluate: (state, batches) => ask((engine) => engine.evaluate(state, batches)),
    predict: (state, batches) => ask((engine) => engine.predict(state, batches)),
    close: () => bench.discardEngine(),
  }
}

function outOfTime({ reason }: AbortSignal): EngineRefusal {
  const why = reason instanceof Error ? reason.message : String(reason)
  return new EngineRefusal('limit', `the task's graphs did not finish in time (${why})`, { cause: reason })
}
