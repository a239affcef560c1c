import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { CliReply } from './cli-child.ts'

/** Runs verbs of the command line in as few processes as it can; none of them may be a daemon or unlock a keystore. */
export type CliRunner = {
  run(args: string[], environment?: Record<string, string>): Promise<CliReply>
  end(): void
}

type Runner = { child: ChildProcess; last: Promise<unknown> }

/** A process for each environment, because the command line reads its key once. */
export function startCliRunner(): CliRunner {
  const runners = new Map<string, Runner>()
  return {
    run: (args, environment = {}) => {
      const name = JSON.stringify(environment)
      const runner = runners.get(name) ?? start(environment)
      runners.set(name, runner)
      const reply = runner.last.then(() => ask(runner.child, args))
      runner.last = reply.catch(() => undefined)
      return reply
    },
    end: () => {
      for (const { child } of runners.values()) child.disconnect()
    },
  }
}

function start(environment: Record<string, string>): Runner {
  const child = fork(join(import.meta.dirname, 'cli-child.ts'), {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return { child, last: Promise.resolve() }
}

function ask(child: ChildProcess, args: string[]): Promise<CliReply> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) =>
      reject(new Error(`assay ${args.join(' ')} ended its process with ${code}`))
    child.once('exit', onExit)
    child.once('message', (reply) => {
      child.off('exit', onExit)
      resolve(reply as CliReply)
    })
    child.send(args)
  })
}
