import { type ChildProcess, fork } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** All participants run the same code: one of them compiles it. */
const COMPILE_CACHE = join(import.meta.dirname, '../../.assay/compile-cache')
/** Log lines kept of each process, to show when it dies. */
const TAIL_LINES = 12
/** How long a process may take to end by itself before it is killed. */
const GRACE_MS = 5_000

/** A process of the demo, by name. */
export interface Participant {
  name: string
  send(message: object): void
}

/**
 * The demo's processes: started together, watched together, ended together.
 * When one dies, `failure` rejects with a sentence that names it and shows its last log lines.
 */
export interface Processes {
  /** Starts a Node module with an IPC channel; its log goes to `<logDir>/<name>.log`. */
  start(name: string, modulePath: string, args?: string[]): Participant
  /** Watches a process that was started elsewhere. */
  watch(name: string, child: ChildProcess): void
  /** Resolves with the first message of `type` from the process for which `matches` holds. */
  message(name: string, type: string, matches?: (message: ProcessMessage) => boolean): Promise<ProcessMessage>
  /** Never resolves; rejects when a process dies before `stop`. */
  failure: Promise<never>
  /** Ends all of them, by SIGTERM first. */
  stop(): Promise<void>
  /** Ends all of them at once; for the last moments of this process. */
  kill(): void
}

type ProcessMessage = { type: string; block?: number; [key: string]: unknown }

interface Watched {
  child: ChildProcess
  tail: string[]
  listeners: Set<(message: ProcessMessage) => void>
}

/** Prepares to run processes whose logs go to `logDir`. */
export function createProcesses(logDir: string): Processes {
  mkdirSync(logDir, { recursive: true })
  const all = new Map<string, Watched>()
  let stopping = false
  const { promise: failure, reject: fail } = Promise.withResolvers<never>()
  failure.catch(() => undefined) // whoever races against it handles it

  function watch(name: string, child: ChildProcess): void {
    const watched = observed(child, join(logDir, `${name}.log`))
    all.set(name, watched)
    const died = (how: string) => {
      if (!stopping) fail(new Error(`${name} ${how}. Its last log lines:\n${tailText(watched)}`))
    }
    child.once('error', (error) => died(`could not run: ${error.message}`))
    child.once('close', (code, signal) =>
      died(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
    )
  }

  return {
    start(name, modulePath, args = []) {
      const child = forked(modulePath, args)
      watch(name, child)
      return { name, send: (message) => void (child.connected && child.send(message)) }
    },
    watch,
    message: (name, type, matches = () => true) => nextMessage(all.get(name)!, type, matches),
    failure,
    async stop() {
      stopping = true
      await Promise.all([...all.values()].map(({ child }) => end(child)))
    },
    kill() {
      stopping = true
      for (const { child } of all.values()) if (isRunning(child)) child.kill('SIGKILL')
    },
  }
}

function forked(modulePath: string, args: string[]): ChildProcess {
  return fork(modulePath, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced', // takes bigints
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env },
  })
}

function observed(child: ChildProcess, logFile: string): Watched {
  const watched: Watched = { child, tail: [], listeners: new Set() }
  collectLog(watched, logFile)
  child.on('message', (message) => {
    for (const listener of watched.listeners) listener(message as ProcessMessage)
  })
  return watched
}

function nextMessage(
  { listeners }: Watched,
  type: string,
  matches: (message: ProcessMessage) => boolean,
): Promise<ProcessMessage> {
  return new Promise((received) => {
    const listener = (message: ProcessMessage) => {
      if (message.type !== type || !matches(message)) return
      listeners.delete(listener)
      received(message)
    }
    listeners.add(listener)
  })
}

const isRunning = (child: ChildProcess) =>
  child.exitCode === null && child.signalCode === null && child.pid !== undefined

function collectLog(watched: Watched, file: string): void {
  const log = createWriteStream(file)
  let unfinished = ''
  for (const stream of [watched.child.stdout, watched.child.stderr]) {
    stream?.on('data', (part: Buffer) => {
      log.write(part)
      const lines = (unfinished + part.toString()).split('\n')
      unfinished = lines.pop() ?? ''
      watched.tail.push(...lines)
      watched.tail.splice(0, watched.tail.length - TAIL_LINES)
    })
  }
  watched.child.once('close', () => {
    if (unfinished !== '') watched.tail.push(unfinished)
    log.end()
  })
}

function tailText({ tail }: Watched): string {
  return tail.length === 0 ? '  (it said nothing)' : tail.map((line) => `  ${line}`).join('\n')
}

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return
  const ended = new Promise((closed) => child.once('exit', closed))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  await ended
  clearTimeout(late)
}
