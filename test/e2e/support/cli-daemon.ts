import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const CLI = join(import.meta.dirname, '../../../cli/assay.ts')

/** A verb that runs until it is asked to end, in a process of the command line. */
export type CliDaemon = {
  /** What it said so far. */
  stdout(): string
  stderr(): string
  /** The first message of a type that it sends to its parent. @throws Error with its log when it ends before */
  message(type: string): Promise<Record<string, unknown>>
  /** Whether it reported to be idle at a block. */
  isIdleAt(block: bigint): boolean
  /** Tells it that there is a new block, and resolves once all due at `block` is done. @throws Error when it ends before */
  work(block: bigint): Promise<void>
  /** Resolves with its exit code once it has ended by itself. */
  ended(): Promise<number | null>
  /** Sends SIGTERM. @returns the exit code, null when it was killed instead */
  end(): Promise<number | null>
}

/** Starts `assay <args>` with a key, as a user would in a shell of their own. */
export function startCliDaemon(args: string[], privateKey?: string): CliDaemon {
  const child = fork(CLI, args, {
    env: {
      ...process.env,
      ...(privateKey === undefined ? {} : { ASSAY_PRIVATE_KEY: privateKey }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout!.on('data', (part) => (said.stdout += part))
  child.stderr!.on('data', (part) => (said.stderr += part))
  const messages = new Map<string, Record<string, unknown>>()
  let idleAt = -1n
  let wanted = -1n
  let wake: () => void = () => undefined
  let news = new Promise<void>((resolve) => (wake = resolve))
  const tell = () => {
    wake()
    news = new Promise((resolve) => (wake = resolve))
  }
  // It looks once by itself at its start, maybe at an older block. A message before that would cause another look later.
  const poll = () => {
    if (child.connected && idleAt >= 0n && idleAt < wanted) child.send({ type: 'poll' }, () => undefined)
  }
  child.on('message', (message: { type: string; block?: number }) => {
    if (!messages.has(message.type)) messages.set(message.type, message)
    if (message.type === 'idle') {
      idleAt = BigInt(message.block ?? -1)
      poll()
    }
    tell()
  })
  // Only then all that it said is here: its exit alone may come earlier.
  let isClosed = false
  const closed = once(child, 'close').then(() => {
    isClosed = true
    tell()
  })
  const until = async (holds: () => boolean) => {
    for (; !holds(); await news) {
      if (isClosed)
        throw new Error(`assay ${args[0]} ended with ${child.exitCode ?? child.signalCode}: ${said.stderr}`)
    }
  }
  return {
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    message: async (type) => {
      await until(() => messages.has(type))
      return messages.get(type)!
    },
    isIdleAt: (block) => idleAt >= block,
    work: (block) => {
      wanted = block
      poll()
      return until(() => idleAt >= block)
    },
    ended: async () => {
      await closed
      return child.exitCode
    },
    end: async () => {
      child.kill('SIGTERM')
      await closed
      return child.exitCode
    },
  }
}
