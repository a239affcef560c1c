/** Exit codes of every verb. */
export const EXIT = { done: 0, failed: 1, usage: 2, tryAgain: 75 } as const

/**
 * A mistake that the caller can fix: what happened, with the values, and the fix. It is shown without a stack trace.
 * `usage` is a wrong command line, `failed` a refusal, `tryAgain` a failure that ends by itself.
 */
export class CliError extends Error {
  override name = 'CliError'
  readonly kind: keyof typeof EXIT
  readonly fix: string | undefined

  constructor(kind: 'failed' | 'usage' | 'tryAgain', message: string, fix?: string) {
    super(message)
    this.kind = kind
    this.fix = fix
  }
}
