import { CommanderError } from 'commander'
import { describeError, printError, report, usageError } from './answer.ts'
import { EXIT } from './failure.ts'
import { createProgram } from './program.ts'

/** Runs the command line of this process and sets its exit code. */
export async function main(): Promise<void> {
  try {
    await createProgram().parseAsync()
  } catch (error) {
    process.exitCode = exitCodeOf(error)
  }
}

function exitCodeOf(error: unknown): number {
  const asJson = process.argv.includes('--json')
  if (!(error instanceof CommanderError)) return report(error, asJson)
  if (error.exitCode === 0) return EXIT.done
  // Commander has printed what is wrong with the command line, or the help.
  if (asJson) printError(describeError(usageError(error)))
  return EXIT.usage
}
