import { UsageError } from './usage-error.ts'

/** The exit code of a program that an interrupt ended. */
const INTERRUPTED = 130

/**
 * Says in a sentence why a command ended, and how to call it if it was called wrongly: exit code 2 then, and else 1.
 *
 * @param command as people type it, such as `npm run chain`
 */
export function reportFailure(error: unknown, command: string, isInterrupted = false): void {
  const message = error instanceof Error ? error.message : String(error)
  const isUsage = error instanceof UsageError
  console.error(isUsage ? `${message}. See ${command} -- --help` : message)
  process.exitCode = isInterrupted ? INTERRUPTED : isUsage ? 2 : 1
}
