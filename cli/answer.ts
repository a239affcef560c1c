import { AssayError, decodeFailure, type Failure } from '@assay/sdk/errors.ts'
import { CliError, EXIT } from './failure.ts'
import { toJson } from './format.ts'

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
  const told = error instanceof CliError ? ownFailure(error) : chainFailure(error)
  say([told.message, told.fix].filter((part) => part !== undefined && part !== '').join('\n'))
  if (asJson) process.stdout.write(`${toJson({ error: told })}\n`)
  return told.exitCode
}

interface Told {
  name: string
  message: string
  fix: string | undefined
  values: Record<string, unknown>
  exitCode: number
}

function ownFailure({ kind, message, fix }: CliError): Told {
  return { name: kind, message, fix, values: {}, exitCode: EXIT[kind] }
}

function chainFailure(error: unknown): Told {
  const failure: Failure = error instanceof AssayError ? error.failure : decodeFailure(error)
  const { name, message, fix, values, kind } = failure
  return { name, message, fix, values, exitCode: kind === 'transient' ? EXIT.tryAgain : EXIT.failed }
}
