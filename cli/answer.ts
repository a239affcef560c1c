import { resolve, sep } from 'node:path'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { AssayError, decodeFailure, type Failure } from '@assay/sdk/client/errors.ts'
import { plainLines } from '@assay/sdk/client/plain-text.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import type { CommanderError } from 'commander'
import { CliError, EXIT } from './failure.ts'
import { sentence, toJson } from './format.ts'

/** What a verb found or did: data for programs, text for people. */
export interface Answer {
  data: object
  text: string
}

/** Prints an answer on stdout; on a terminal, whatever is in it, as nothing but text. */
export function print({ data, text }: Answer, asJson: boolean | undefined): void {
  process.stdout.write(`${asJson ? toJson(data) : plainLines(text)}\n`)
}

/** Prints a line for people, on stderr, so that stdout stays data. */
export function say(line: string): void {
  process.stderr.write(`${plainLines(line)}\n`)
}

/** Prints an error on stderr, never with a stack trace; with `asJson` on stdout as data, too. @returns the exit code */
export function report(error: unknown, asJson: boolean): number {
  const told = describeError(error)
  say([told.message, told.fix].filter((part) => part !== undefined && part !== '').join('\n'))
  if (asJson) printError(told)
  return told.exitCode
}

/** Prints an error on stdout, as data. */
export function printError(error: ErrorReport): void {
  process.stdout.write(`${toJson({ error })}\n`)
}

/** What is wrong with a command line that commander refused. */
export function usageError({ code, message }: CommanderError): CliError {
  const isHelp = code === 'commander.help'
  const said = isHelp ? 'a verb is missing' : message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')
  return new CliError(
    'usage',
    sentence(said).replace(/(?<![.)?])$/, '.'),
    'Add --help to see how it is used.',
  )
}

/** What is reported of an error, and with which exit code. */
export function describeError(error: unknown, args: readonly string[] = process.argv): ErrorReport {
  const own = asCliError(error) ?? asSystemError(error, args)
  return own === undefined ? chainFailure(error) : ownFailure(own)
}

/** Refusals that end at a time that they name. */
const PASSING = new Set([
  'Rounds_NotFinal',
  'Rounds_EnrolmentBound',
  'Rounds_NotReleasable',
  'Rounds_PlaceBound',
  'Rounds_PoolPending',
  'StakeRegistry_StillUnbonding',
  'Rounds_BeaconPending',
  'Canaries_TooEarly',
  'Court_TooEarly',
  'Jury_BeaconPending',
])

interface ErrorReport {
  name: string
  message: string
  fix: string | undefined
  values: Record<string, unknown>
  exitCode: number
}

/** A refusal by one of our own packages. Its message is complete; only failures of chain and node are decoded. */
function asCliError(error: unknown): CliError | undefined {
  if (error instanceof CliError) return error
  if (error instanceof FatalDaemonError || error instanceof EngineRefusal) {
    return new CliError('failed', error.message)
  }
  if (!(error instanceof StoreError)) return undefined
  const passes = error.code === 'unavailable' || error.code === 'full'
  return passes
    ? new CliError('tryAgain', sentence(error.message), 'Check --store-url, and that assay store runs there.')
    : new CliError('failed', sentence(error.message))
}

/** A refusal by the operating system of a port or file that an option named. */
function asSystemError(error: unknown, args: readonly string[]): CliError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, syscall, path, port, address } = error as NodeJS.ErrnoException & Listening
  if (syscall === 'listen') {
    const place = `Port ${port} of ${address}`
    return new CliError(
      'failed',
      code === 'EADDRINUSE' ? `${place} is in use.` : `${place} can't be listened on: ${error.message}.`,
      `Choose another with ${optionOf(String(port), args) ?? '--metrics-port'}, or stop what listens there.`,
    )
  }
  if (code === 'ERR_SQLITE_ERROR') {
    const fix = 'Give --data-dir a folder that can be written, and that holds nothing else.'
    return new CliError('failed', `The database in the data directory can't be used: ${error.message}.`, fix)
  }
  if (typeof code !== 'string' || typeof path !== 'string') return undefined
  const option = optionOf(path, args)
  const fix = 'It must be what this needs, a file or a folder, and open to reading and writing.'
  return new CliError(
    'failed',
    `${path} can't be used: ${error.message}.`,
    option === undefined ? fix : `Check ${option}. ${fix}`,
  )
}

type Listening = { port?: number; address?: string }

/** The option that gave a value on the command line, or the folder that holds a file. */
function optionOf(value: string, args: readonly string[]): string | undefined {
  const words = args.flatMap((word) => (word.startsWith('--') ? word.split(/=(.*)/s, 2) : [word]))
  const at = words.findIndex(
    (word, i) =>
      words[i - 1]?.startsWith('--') &&
      (word === value ||
        resolve(value).startsWith(`${resolve(word)}${sep}`) ||
        resolve(word) === resolve(value)),
  )
  return at < 0 ? undefined : words[at - 1]
}

function ownFailure({ kind, message, fix }: CliError): ErrorReport {
  return { name: kind, message, fix, values: {}, exitCode: EXIT[kind] }
}

function chainFailure(error: unknown): ErrorReport {
  const failure: Failure = error instanceof AssayError ? error.failure : decodeFailure(error)
  const { name, message, fix, values, kind } = failure
  const passes = kind === 'transient' || PASSING.has(name)
  return { name, message, fix, values, exitCode: passes ? EXIT.tryAgain : EXIT.failed }
}
