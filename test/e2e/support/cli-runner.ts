import { type ChildProcess, fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { TestAccount, TestChain } from './chain.ts'
import type { CliReply } from './cli-child.ts'

/** Runs verbs of the command line in as few processes as it can; none of them may be a daemon or unlock a keystore. */
export type CliRunner = {
  run(args: string[], environment?: Record<string, string>): Promise<CliReply>
  end(): void
}

/** Where verbs act: a chain with its deployment, and a folder for the file that names it. */
type Place = { chain: Pick<TestChain, 'rpcUrl' | 'deployment'>; dir: string }

/** Runs a verb at a chain, with an account's key. */
export function runAt(
  cli: CliRunner,
  { chain, dir }: Place,
  args: readonly string[],
  { privateKey }: Pick<TestAccount, 'privateKey'>,
): Promise<CliReply> {
  const file = join(dir, 'deployment.json')
  writeFileSync(file, JSON.stringify(chain.deployment))
  return cli.run([...args, '--rpc', chain.rpcUrl, '--deployment', file], { ASSAY_PRIVATE_KEY: privateKey })
}

/** What a verb answers with `--json`. @throws AssertionError with what it said, if it failed */
export async function answerOf(reply: Promise<CliReply>) {
  const { code, stdout, stderr } = await reply
  expect(code, stderr).to.equal(0)
  return JSON.parse(stdout)
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
