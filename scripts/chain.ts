import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { anvilBinary } from '../tools/anvil.ts'

const USAGE = `npm run chain -- [options]

A chain on this machine to try things on, until interrupted: a block every second, ten accounts with 10,000 ETH each, whose
keys it prints. Never use those keys anywhere else: everybody knows them. It forgets everything when it ends.

  --port N       port to listen on, on 127.0.0.1 only (default 8545)
  --seconds N    seconds from block to block, 1 to 60 (default 1)
  --help         this text`

function main(args: string[]): void {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '8545' },
      seconds: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  const port = wholeNumber('--port', values.port, 1, 65_535)
  const seconds = wholeNumber('--seconds', values.seconds, 1, 60)
  const child = spawn(
    anvilBinary(),
    ['--host', '127.0.0.1', '--port', port, '--block-time', seconds, '--order', 'fifo'],
    { stdio: 'inherit' },
  )
  child.once('error', (error) => {
    console.error(
      `anvil does not start: ${error.message}. npm brings it for Linux on x86-64; elsewhere put it on PATH.`,
    )
    process.exitCode = 1
  })
  child.once('exit', (code) => (process.exitCode ??= code ?? 0))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
}

function wholeNumber(name: string, text: string, least: number, most: number): string {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return text
  throw new TypeError(`${name} must be a whole number from ${least} to ${most}, not "${text}"`)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exitCode = 2
}
