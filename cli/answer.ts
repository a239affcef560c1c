import { EngineRefusal } from '@assay/engine/refusal.ts'
import { FatalDaemonError } from '@assay/sdk/daemon/errors.ts'
import { AssayError, decodeFailure, type Failure } from '@assay/sdk/errors.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { CliError, EXIT } from './failure.ts'
import { sentence, toJson } from './format.ts'

/** What a verb found or did: data for programs, text for people. */
export interface Answer {
  data: object
  text: string
}

/** Prints an answer on stdout. */
export function print({ data, text }: Answer, asJson: boolean | undefined): void {
  process.stdout.write(`${asJson ? toJson(data) : text}\n`)
}

/** A line for people, on stderr, so that stdout stays data. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Tells of an error, never with a stack trace, and answers the exit code. With `asJson` stdout gets it as data, too. */
export function report(error: unknown, asJson: boolean): number {
  const told = tellingOf(error)
  say([told.message, told.fix].filter((part) => part !== undefined && part !== '').join('\n'))
  if (asJson) process.stdout.write(`${toJson({ error: told })}\n`)
  return told.exitCode
}

/** What is told of an error, and with which exit code. */
export function tellingOf(error: unknown): Told {
  const own = asCliError(error)
  return own === undefined ? chainFailure(error) : ownFailure(own)
}

/** Refusals that end when their time has come, which they name. */
const PASSING = new Set(['Rounds_NotFinal', 'StakeRegistry_StillUnbonding', 'Rounds_BeaconPending'])

interface Told {
  name: string
  message: string
  fix: string | undefined
  values: Record<string, unknown>
  exitCode: number
}

/** What our own packages refuse, in messages that say all: only the chain's and the node's failures are decoded. */
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

function ownFailure({ kind, message, fix }: CliError): Told {
  return { name: kind, message, fix, values: {}, exitCode: EXIT[kind] }
}

function chainFailure(error: unknown): Told {
  const failure: Failure = error instanceof AssayError ? error.failure : decodeFailure(error)
  const { name, message, fix, values, kind } = failure
  const passes = kind === 'transient' || PASSING.has(name)
  return { name, message, fix, values, exitCode: passes ? EXIT.tryAgain : EXIT.failed }
}
