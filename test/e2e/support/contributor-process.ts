import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ContributorConfig } from '@assay/contributor/contributor-config.ts'

const CHILD = join(import.meta.dirname, 'contributor-child.ts')

export type ContributorProcess = {
  /** Resolves with `idle` once the daemon has done all that is due at a block, with its signal once it is dead. */
  untilIdle(block: bigint): Promise<'idle' | NodeJS.Signals>
  stop(): Promise<void>
}

/** Starts a real contributor. @param crashAt label of the point at which it is to kill itself */
export function startContributor(config: ContributorConfig, crashAt?: string): ContributorProcess {
  const env = { ...process.env }
  if (crashAt !== undefined) env.ASSAY_CRASH_AT = crashAt
  const child = fork(CHILD, { env, serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  child.send(config)
  let idleAt = -1n
  let look: () => void = () => undefined
  child.on('message', (message: { type?: string; block?: number }) => {
    if (message.type === 'idle') idleAt = BigInt(message.block ?? -1)
    look()
  })
  child.on('exit', () => look())
  return {
    untilIdle: (block) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (child.signalCode !== null) resolve(child.signalCode)
          else if (child.exitCode !== null)
            reject(new Error(`the contributor ended with code ${child.exitCode}`))
          else if (idleAt >= block) resolve('idle')
        }
        look()
      }),
    stop: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
