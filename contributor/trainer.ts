import { FatalDaemonError } from '@assay/daemon/errors.ts'
import type { Workbench } from '@assay/daemon/workbench.ts'
import type { Hash } from '@assay/engine/hash.ts'
import type { NativeOptions } from '@assay/engine/node/native-options.ts'
import { toleranceOf } from '@assay/engine/package/mode.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Trainer } from '@assay/engine/run/runner.ts'

/** What trains instead of the task's engine, in tolerant tasks. Neither is a sandbox. */
export type TrainerConfig =
  /** onnxruntime's native build in this process. */
  | ({ kind: 'native' } & NativeOptions)
  /** Another program: see engine/node/trainer-process.ts. */
  | { kind: 'program'; command: string }

type OpenTrainer = Trainer & { close(): Promise<void> }

/**
 * A bench that trains with what the contributor chose. It evaluates in the task's engine as before.
 *
 * @param options.signal ends training, whatever a program does
 *
 * @throws FatalDaemonError at once when the task is exact, or the runtime isn't installed
 */
export async function withTrainer(
  bench: Workbench,
  specHash: Hash,
  { chosen, signal }: { chosen: TrainerConfig; signal: AbortSignal },
): Promise<Workbench> {
  const task = await bench.package(specHash)
  if (toleranceOf(task.spec) === undefined)
    throw new FatalDaemonError(
      'The task is exact: training in anything but its own engine gives other bits, and costs stake. Leave --trainer away, or choose a tolerant task.',
    )
  const open = await opener(task, chosen)
  // Whoever waits for a program that never answers would keep the daemon from ending.
  signal.addEventListener('abort', () => void closeTrainer(), { once: true })
  let opened: Promise<OpenTrainer> | undefined
  const closeTrainer = async () => {
    const starting = opened
    opened = undefined
    await (await starting?.catch(() => undefined))?.close()
  }
  return {
    package: bench.package,
    engine: async (hash) => {
      opened ??= open().catch((error) => {
        opened = undefined
        throw error
      })
      const [engine, trainer] = await Promise.all([bench.engine(hash), opened])
      return { ...engine, steps: trainer.steps }
    },
    discardEngine: async () => void (await Promise.all([bench.discardEngine(), closeTrainer()])),
    close: async () => void (await Promise.all([bench.close(), closeTrainer()])),
  }
}

async function opener(task: TaskPackage, chosen: TrainerConfig): Promise<() => Promise<OpenTrainer>> {
  if (chosen.kind === 'program') {
    const { openTrainerProcess } = await import('@assay/engine/node/trainer-process.ts')
    return async () => openTrainerProcess(task.spec, chosen.command)
  }
  const { loadNativeRuntime, openNativeTrainer } = await import('@assay/engine/node/native-trainer.ts')
  try {
    const runtime = loadNativeRuntime(task.spec.engine.version)
    return () => openNativeTrainer(task, runtime, chosen)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new FatalDaemonError(`The trainer can't be started: ${error.message}.`)
  }
}
