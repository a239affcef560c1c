/** A mistake in how a command was called: shown as one sentence, never as a stack trace, with exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}
