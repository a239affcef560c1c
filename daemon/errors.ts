/** A fault that a retry can't fix: a wrong chain, another daemon's database, an unusable config. It ends the daemon. */
export class FatalDaemonError extends Error {
  override readonly name = 'FatalDaemonError'
}

/** The message of anything that was thrown, without its stack. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const short = (error as Error & { shortMessage?: unknown }).shortMessage
  return typeof short === 'string' ? short : error.message
}
