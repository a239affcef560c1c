import { CommanderError } from 'commander'
import { report } from './answer.ts'
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
  if (!(error instanceof CommanderError)) return report(error, process.argv.includes('--json'))
  // Commander has said what is wrong with the command line, or shown the help.
  return error.exitCode === 0 ? EXIT.done : EXIT.usage
}
