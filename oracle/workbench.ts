import type { Hash as BlobHash } from '@assay/engine/hash.ts'
import type { Engine } from '@assay/engine/runner.ts'
import type { TaskPackage } from '@assay/engine/task-contents.ts'
import { FatalDaemonError } from '@assay/sdk/daemon/errors.ts'
import type { Hash } from '@assay/sdk/random.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import { DEFAULT_SANDBOX_MEMORY_MB, DEFAULT_SANDBOX_TIMEOUT_MS, type OracleConfig } from './oracle-config.ts'

/** The task package and its engine, opened when first needed: an oracle without duties costs no memory. */
export type Workbench = {
  package(specHash: Hash): Promise<TaskPackage>
  /** The package's graphs, in a sandbox unless the package is one's own. Opened again after it was killed. */
  engine(specHash: Hash): Promise<Engine>
  /** Forgets an engine that broke, so that the next call opens another. */
  discardEngine(): Promise<void>
  close(): Promise<void>
}

export function openWorkbench(settings: OracleConfig, store: BlobStore): Workbench {
  let opened: Promise<TaskPackage> | undefined
  let running: Promise<Engine> | undefined

  const packageOf = (specHash: Hash) => {
    opened ??= loadPackage(settings, store, specHash).catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }
  const discardEngine = async () => {
    const engine = await running?.catch(() => undefined)
    running = undefined
    await engine?.close()
  }
  return {
    package: packageOf,
    engine: (specHash) => {
      running ??= packageOf(specHash)
        .then((contents) => startEngine(settings, contents))
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

async function loadPackage(settings: OracleConfig, store: BlobStore, specHash: Hash): Promise<TaskPackage> {
  const { fetchTaskPackage, readTaskPackage } = await import('@assay/engine/task-package.ts')
  if (settings.packageDir === undefined)
    return fetchTaskPackage(specHash, (hash: BlobHash, maxBytes: number) => store.get(hash, { maxBytes }))

  const contents = await readTaskPackage(settings.packageDir)
  if (contents.specHash === specHash) return contents
  throw new FatalDaemonError(
    `The package in ${settings.packageDir} has the spec hash ${contents.specHash}, the task on chain ${specHash}. Name the right directory, or none to fetch the package from the store.`,
  )
}

async function startEngine(settings: OracleConfig, contents: TaskPackage): Promise<Engine> {
  if (settings.trustPackage) {
    const { openEngine } = await import('@assay/engine/session.ts')
    return openEngine(contents)
  }
  const { openSandboxedEngine } = await import('@assay/engine/sandbox.ts')
  return openSandboxedEngine(contents, {
    memoryMb: settings.sandboxMemoryMb ?? DEFAULT_SANDBOX_MEMORY_MB,
    timeoutMs: settings.sandboxTimeoutMs ?? DEFAULT_SANDBOX_TIMEOUT_MS,
  })
}
