import type { Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { untilInterrupted } from '../signals.ts'

/** `assay store` */
export function addStore(program: Command): void {
  addVerb(program, {
    usage: 'store',
    summary: 'Serve a folder of updates and models over HTTP until interrupted.',
    details:
      'Everything is stored and checked by its hash, so nobody has to trust the server with the content.',
    examples: ['assay store --dir ./blobs --port 8080'],
  })
    .requiredOption('--dir <folder>', 'where the blobs are kept')
    .option('--port <number>', 'port to listen on, 0 for any free one', '8080')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--json', 'one line of JSON on stdout when it listens')
    .action(async (options: { dir: string; port: string; host: string; json?: boolean }) => {
      const { startBlobServer } = await import('@assay/store/http-server.ts')
      const { dir, host } = options
      const server = await startBlobServer({ dir, host, port: portOf(options.port) }).catch((error) =>
        refuse(error, options),
      )
      const { url } = server
      print({ data: { url }, text: `Serving ${options.dir} at ${url} (stop with Ctrl-C)` }, options.json)
      process.send?.({ type: 'listening', url })
      await untilInterrupted()
      await server.close()
    })
}

/** What the system says, and which option it is about. */
function refuse(
  error: NodeJS.ErrnoException,
  { dir, host, port }: { dir: string; host: string; port: string },
): never {
  if (error.syscall === 'listen') {
    throw new CliError(
      'failed',
      `Port ${port} of ${host} can't be listened on: ${error.message}.`,
      'Choose another with --port and --host.',
    )
  }
  if (error.code === undefined) throw error
  throw new CliError(
    'failed',
    `The folder ${dir} can't be used: ${error.message}.`,
    'Choose another with --dir.',
  )
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new CliError(
    'usage',
    `The port "${text}" is not a whole number from 0 to 65535.`,
    'Give one such as --port 8080.',
  )
}
