import { isIP } from 'node:net'
import { isThisMachine } from '@assay/store/server/room.ts'
import { type Command, Option } from 'commander'
import type { Address } from 'viem'
import { print, say } from '../answer.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseAddress, parseTaskId } from '../format.ts'
import { type ChainOptions, deploymentOf, readerOf, rpcUrlOf, withChain } from '../options.ts'
import { untilInterrupted } from '../signals.ts'
import { sizeOption, sizeText } from '../size.ts'
import { wholeNumber } from '../whole-number.ts'

interface StoreVerbOptions extends ChainOptions {
  dir: string
  port: string
  host: string
  uploads?: 'enrolled' | 'anybody'
  task?: bigint[]
  allow?: Address[]
  maxBlob?: number
  maxTotal?: number
  maxAccount?: number
  retention?: number
  keepRounds: number
  keepHeld: boolean
  proxy?: string
}

const SECONDS_A_DAY = 86_400
const LONGEST_RETENTION_DAYS = 36_500
const MOST_KEPT_ROUNDS = 100_000
const DEFAULT_KEPT_ROUNDS = 64

/** `assay store` */
export function addStore(program: Command): void {
  const command = addVerb(program, {
    usage: 'store',
    summary: 'Serve a folder of updates and models over HTTP until interrupted.',
    details:
      'Everything is stored and checked by its hash, so nobody has to trust the server with the content. On a host of this machine alone anybody may upload, which is for trying things out. On any other, only accounts may that own, joined or are enrolled in a task; the daemons sign their uploads. Behind a proxy of your own say --uploads enrolled and --proxy. Nothing is ever removed without --retention; with it, what an open round, a challenge or a case may need stays, whatever its age.',
    examples: [
      'assay store --dir ./blobs --port 8080',
      'assay store --dir ./blobs --host 0.0.0.0 --network sepolia --rpc https://node.example --task 1 --retention 30',
    ],
  })
    .requiredOption('--dir <folder>', 'where the blobs are kept')
    .option('--port <number>', 'port to listen on, 0 for any free one', '8080')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option(
        '--uploads <who>',
        'who may upload (default: anybody on a host of this machine alone, else enrolled)',
      ).choices(['enrolled', 'anybody']),
    )
    .option(
      '--task <id>',
      'serve this task alone, unless anybody may upload; give it again for further ones (default: all)',
      moreTasks,
    )
    .option(
      '--allow <address>',
      'an account that may upload without a task; give it again for more',
      moreAccounts,
    )
  withLimits(withChain(command)).action(serve)
}

function withLimits(command: Command): Command {
  return command
    .option('--max-blob <size>', 'largest blob, such as 64MiB (the default)', sizeOption('--max-blob'))
    .option(
      '--max-total <size>',
      'room for everything, such as 64GiB (the default)',
      sizeOption('--max-total'),
    )
    .option(
      '--max-account <size>',
      'room for what one account brings (default: a sixteenth of all)',
      sizeOption('--max-account'),
    )
    .option(
      '--retention <days>',
      'remove what is older and not needed any more; never before stake could have left',
      wholeNumber('--retention', LONGEST_RETENTION_DAYS),
    )
    .option(
      '--keep-rounds <number>',
      'with --retention: last rounds of each task of which everything stays',
      wholeNumber('--keep-rounds', MOST_KEPT_ROUNDS),
      DEFAULT_KEPT_ROUNDS,
    )
    .option('--no-keep-held', 'with --retention: remove rounds of contributors whose pay is still held, too')
    .option('--proxy <address>', 'trust this proxy on where requests come from', proxyOf)
}

async function serve(options: StoreVerbOptions): Promise<void> {
  const { dir, host, proxy } = options
  const uploads = options.uploads ?? (isThisMachine(host) || host === 'localhost' ? 'anybody' : 'enrolled')
  const reader = chainOf(options, uploads)
  const { startBlobServer } = await import('@assay/store/http-server.ts')
  const { chainRegistry } = await import('@assay/store/server/registry.ts')
  const server = await startBlobServer({
    dir,
    host,
    proxy,
    port: portOf(options.port),
    registry:
      uploads === 'anybody'
        ? undefined
        : chainRegistry({ reader, taskIds: options.task, allowed: options.allow }),
    ...limitsOf(options),
    retention: retentionOf(options, reader),
  }).catch((error) => refuse(error, options))
  const { url } = server
  const who = uploads === 'anybody' ? 'anybody may upload' : 'accounts with a part in a task may upload'
  print({ data: { url, uploads }, text: `Serving ${dir} at ${url}, ${who} (stop with Ctrl-C)` }, options.json)
  process.send?.({ type: 'listening', url })
  await untilInterrupted()
  await server.close()
}

/** The chain, connected when it is first asked. Options that can't work are refused at once. */
function chainOf(options: StoreVerbOptions, uploads: 'enrolled' | 'anybody') {
  if (uploads === 'enrolled' || options.retention !== undefined) {
    deploymentOf(options)
    rpcUrlOf(options)
  }
  let connected: ReturnType<typeof readerOf> | undefined
  return () => {
    connected ??= readerOf(options).catch((error) => {
      connected = undefined
      throw error
    })
    return connected
  }
}

function limitsOf({ maxBlob, maxTotal, maxAccount }: StoreVerbOptions) {
  if (maxBlob !== undefined && maxTotal !== undefined && maxBlob > maxTotal) {
    throw new CliError(
      'usage',
      `--max-blob ${sizeText(maxBlob)} is more than --max-total ${sizeText(maxTotal)}.`,
      'Give a smaller blob or more room.',
    )
  }
  return {
    ...(maxBlob === undefined ? {} : { maxBlobBytes: maxBlob }),
    ...(maxTotal === undefined ? {} : { maxTotalBytes: maxTotal }),
    ...(maxAccount === undefined ? {} : { maxAccountBytes: maxAccount }),
  }
}

function retentionOf(options: StoreVerbOptions, reader: ReturnType<typeof chainOf>) {
  const { retention, keepRounds, keepHeld } = options
  if (retention === undefined) return undefined
  return {
    reader,
    rules: { seconds: retention * SECONDS_A_DAY, rounds: keepRounds, held: keepHeld },
    onPruned: ({ blobs, records, bytes }: { blobs: number; records: number; bytes: number }) => {
      if (blobs + records > 0)
        say(`Removed ${blobs} blobs and ${records} records that nobody needs any more: ${sizeText(bytes)}.`)
    },
    onFailure: (error: Error) => say(`Nothing is removed for now: ${error.message.split('\n')[0]}`),
  }
}

function moreTasks(text: string, before: bigint[] = []): bigint[] {
  return [...before, parseTaskId(text)]
}

function moreAccounts(text: string, before: Address[] = []): Address[] {
  return [...before, parseAddress(text)]
}

/** What the system says, and which option it is about. */
function refuse(
  error: NodeJS.ErrnoException,
  { dir, host, port }: { dir: string; host: string; port: string },
): never {
  if (error.syscall === 'listen' || error.syscall === 'getaddrinfo') {
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

/** The IP address of a proxy. */
function proxyOf(text: string): string {
  if (isIP(text) > 0) return text
  throw new CliError(
    'usage',
    `--proxy "${text}" is not an IP address.`,
    'Give one such as --proxy 127.0.0.1.',
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
