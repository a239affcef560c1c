/** The task package and its engine. They open when first needed: a daemon without duties takes no memory for them. */

import type { Hash } from '@assay/engine/hash.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { programFault } from '@assay/sdk/protocol/program.ts'
import { FatalDaemonError } from './errors.ts'

/** Where a daemon's package comes from, and how its graphs run. */
export type WorkbenchConfig = {
  /** Directory of the task package; without it the package is fetched from the store by its spec hash. */
  packageDir?: string | undefined
  /** Runs the graphs in this process instead of in a sandbox. Only for a package that you made yourself. */
  trustPackage?: boolean | undefined
  /** Enters a task although this machine doesn't meet its phases, or its pool teaches nothing. */
  force?: boolean | undefined
  /** Limits of the sandbox; 1,024 MiB and 60 s a call by default. */
  sandboxMemoryMb?: number | undefined
  sandboxTimeoutMs?: number | undefined
}

export type WorkbenchOptions = WorkbenchConfig & {
  /** What the task on chain names as its program: see sdk/protocol/program.ts. */
  programRoot: Hash
  /** A blob of the store. */
  getBlob: (hash: Hash, maxBytes: number) => Promise<Uint8Array>
}

export type Workbench = {
  /**
   * @throws FatalDaemonError when the directory holds another package than the task's, the task names another program than the
   * package's, or the package is not for this version of the program or of its engine
   */
  package(specHash: Hash): Promise<TaskPackage>
  /** Runs the package's graphs, in a sandbox unless the package is trusted. */
  engine(specHash: Hash): Promise<Engine>
  /** Closes an engine that broke, so that the next call opens a new one. */
  discardEngine(): Promise<void>
  close(): Promise<void>
}

/** Opens what a daemon trains and evaluates with. It loads the runtime at the first call that needs it. */
export function openWorkbench(options: WorkbenchOptions): Workbench {
  let opened: Promise<TaskPackage> | undefined
  let running: Promise<Engine> | undefined

  const packageOf = (specHash: Hash) => {
    opened ??= loadPackage(options, specHash).catch((error) => {
      opened = undefined
      throw isOfOtherVersion(error) ? otherVersion(error) : error
    })
    return opened
  }
  const discardEngine = async () => {
    const starting = running
    running = undefined
    const engine = await starting?.catch(() => undefined)
    await engine?.close()
  }
  return {
    package: packageOf,
    engine: (specHash) => {
      running ??= packageOf(specHash)
        .then((contents) => startEngine(options, contents))
        .catch((error) => {
          running = undefined
          throw error
        })
      return running
    },
    discardEngine,
    close: discardEngine,
  }
}

async function loadPackage(options: WorkbenchOptions, specHash: Hash): Promise<TaskPackage> {
  const contents = await readOrFetch(options, specHash)
  const fault = programFault(options.programRoot, contents.programRoot)
  if (fault === undefined) return contents
  throw new FatalDaemonError(`The task's package is refused: ${fault.message} ${fault.fix}`)
}

async function readOrFetch(options: WorkbenchOptions, specHash: Hash): Promise<TaskPackage> {
  if (options.packageDir === undefined) {
    const { installedEngine } = await import('@assay/engine/node/engine-pin.ts')
    const { fetchTaskPackage } = await import('@assay/engine/package/fetch-package.ts')
    return fetchTaskPackage(specHash, await installedEngine(), options.getBlob)
  }
  const { readTaskPackage } = await import('@assay/engine/node/task-package.ts')
  const contents = await readTaskPackage(options.packageDir)
  if (contents.specHash === specHash) return contents
  throw new FatalDaemonError(
    `The package in ${options.packageDir} has the spec hash ${contents.specHash}, the task on chain ${specHash}. Name the right directory, or none to fetch the package from the store.`,
  )
}

/** Whether this program can't read a package that others can, so that trying again is of no use. */
function isOfOtherVersion(error: unknown): error is EngineRefusal {
  return error instanceof EngineRefusal && (error.code === 'format' || error.code === 'engine')
}

function otherVersion({ message }: EngineRefusal): FatalDaemonError {
  return new FatalDaemonError(
    `What is installed here can't work on this task: ${message}. Go on with the version of Assay that the task was created with until it is over, in the same data directory.`,
  )
}

async function startEngine(options: WorkbenchOptions, contents: TaskPackage): Promise<Engine> {
  if (options.trustPackage) {
    const { openEngine } = await import('@assay/engine/node/session.ts')
    return openEngine(contents)
  }
  const { DEFAULT_SANDBOX_LIMITS, openSandboxedEngine } = await import('@assay/engine/node/sandbox.ts')
  return openSandboxedEngine(contents, {
    memoryMb: options.sandboxMemoryMb ?? DEFAULT_SANDBOX_LIMITS.memoryMb,
    timeoutMs: options.sandboxTimeoutMs ?? DEFAULT_SANDBOX_LIMITS.timeoutMs,
  })
}
