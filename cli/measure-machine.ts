import { availableParallelism, cpus, loadavg } from 'node:os'
import { DEFAULT_SANDBOX_LIMITS, openSandboxedEngine } from '@assay/engine/node/sandbox.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { makeStepBatch, roundStep } from '@assay/engine/run/step-batch.ts'
import { tryTask } from '@assay/engine/run/trial.ts'
import { zeroHash } from 'viem'
import type { Measured } from './trial-phases.ts'

/** The step that starts an engine: any will do. */
const WARM_UP = { round: 1, batchSeed: zeroHash }

/** Milliseconds of processor time of this process with its worker. Unlike a clock it stands still while other programs run. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Measures what a task's work takes on this machine, as `assay package check` does, and what an engine takes to start. It
 * counts processor time, because what other programs take away is counted once, as the load.
 *
 * @param samples real ones of the task
 * @throws EngineRefusal when the package can't be run here
 */
export async function measureMachine(task: TaskPackage, samples: Dataset): Promise<Measured> {
  const before = processorMs()
  const engine = await openSandboxedEngine(task, DEFAULT_SANDBOX_LIMITS)
  try {
    const { spec, init } = task
    const rows = Array.from({ length: spec.batchSize }, (_, i) => i % samples.n)
    await engine.steps(init, [makeStepBatch(spec, samples, rows, roundStep(spec, WARM_UP, 0))])
    const startMs = processorMs() - before
    return { startMs, ...(await tryTask({ task, engine, samples, clock: processorMs })), ...processors() }
  } finally {
    await engine.close()
  }
}

/** A container may use some of the machine's processors; the load average counts programs on all of them. */
function processors(): Pick<Measured, 'cores' | 'load'> {
  const cores = availableParallelism()
  const [lastMinute = 0] = loadavg()
  return { cores, load: (lastMinute * cores) / Math.max(1, cpus().length) }
}
