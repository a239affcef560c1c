import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const INSTALLED = join(import.meta.dirname, '../node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil')
/** Only for what hangs. */
const PATIENCE_MS = 300_000

/** The local chain's program: the one that npm installs where it has one, else `anvil` from PATH. */
export function anvilBinary(): string {
  return existsSync(INSTALLED) ? INSTALLED : 'anvil'
}

/**
 * Starts a local chain on a port of its own choice. Nobody looks for a free port before: another program could take it in between.
 *
 * @returns once it listens
 * @throws Error when it is not installed, ends, or does not listen in time
 */
export async function startAnvil(args: string[]): Promise<{ process: ChildProcess; rpcUrl: string }> {
  const place = ['--host', '127.0.0.1', '--port', '0']
  const process = spawn(anvilBinary(), [...place, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ''
  const fail = (reason: string) =>
    reject(new Error(`anvil did not start (install it with npm ci): ${reason}. ${said.trim().slice(-500)}`))
  const timer = setTimeout(() => fail(`it does not listen after ${PATIENCE_MS / 1_000} s`), PATIENCE_MS)
  process.once('error', ({ message }) => fail(message))
  process.once('exit', (code) => fail(`it ended with code ${code}`))
  const listen = (part: Buffer) => {
    said += part
    const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]
    if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('data', listen)
  try {
    return { process, rpcUrl: await promise }
  } catch (error) {
    process.kill('SIGKILL')
    throw error
  } finally {
    clearTimeout(timer)
    for (const stream of [process.stdout, process.stderr]) stream.off('data', listen).resume()
  }
}
