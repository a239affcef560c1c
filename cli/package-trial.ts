import { tryPackage as runTrial, type TrialOptions, type TrialReport } from '@assay/daemon/package-trial.ts'
import {
  DEFAULT_SANDBOX_LIMITS,
  openSandboxedEngine,
  type SandboxedEngine,
} from '@assay/engine/node/sandbox.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { say } from './answer.ts'
import { CliError } from './failure.ts'

export type SandboxReport = TrialReport & {
  /** Of the engine, in bytes. */
  memoryBytes: number
  memoryLimitBytes: number
}

/**
 * Runs a package's graphs in a sandbox of this machine, before money depends on them.
 *
 * @param options.force says what speaks against taking part, and goes on
 * @throws CliError when a graph fails, or without `force` when a share doesn't fit its phase, a blob the store, or the pool
 * teaches too little
 */
export async function tryPackage(
  task: TaskPackage,
  { force = false, ...options }: TrialOptions & { force?: boolean | undefined },
): Promise<SandboxReport> {
  const report = await inSandbox(task, async (engine) => ({
    ...(await runTrial(task, engine, options)),
    memoryBytes: await engine.memoryBytes(),
    memoryLimitBytes: DEFAULT_SANDBOX_LIMITS.memoryMb * 2 ** 20,
  }))
  const { problems } = report
  if (problems.length > 0 && !force)
    throw new CliError(
      'failed',
      problems.join('\n'),
      'Nothing was sent. Use a faster machine or other terms; --force goes on all the same.',
    )
  for (const problem of problems) say(`Going on although: ${problem}`)
  return report
}

async function inSandbox<T>(task: TaskPackage, use: (engine: SandboxedEngine) => Promise<T>): Promise<T> {
  let engine: SandboxedEngine | undefined
  try {
    engine = await openSandboxedEngine(task, DEFAULT_SANDBOX_LIMITS)
    return await use(engine)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'failed',
      `The package was tried and is refused: ${error.message}.`,
      'Nothing was sent. Only its owner can mend a package; a changed one is for a new task.',
    )
  } finally {
    await engine?.close()
  }
}
