import { decodeFailure } from '@assay/sdk/client/errors.ts'

/** A fault that a retry can't fix: a wrong chain, another daemon's database, an unusable config. It ends the daemon. */
export class FatalDaemonError extends Error {
  override readonly name = 'FatalDaemonError'
}

/** Answers of a chain that stay the same, however often it is asked. */
const LASTING = new Set(['WrongChain', 'NoContract', 'Tasks_UnknownTask', 'Rounds_UnknownTask'])

/** The error that ends a daemon, if that is what was thrown; undefined for all that a retry may get over. */
export function fatalOf(error: unknown): FatalDaemonError | undefined {
  if (error instanceof FatalDaemonError) return error
  const { name, message, fix } = decodeFailure(error)
  return LASTING.has(name) ? new FatalDaemonError(`${message} ${fix}`, { cause: error }) : undefined
}

/** The message of anything that was thrown, without its stack. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const short = (error as Error & { shortMessage?: unknown }).shortMessage
  return typeof short === 'string' ? short : error.message
}
