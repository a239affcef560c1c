#!/usr/bin/env node
import { CommanderError } from 'commander'
import { report } from './answer.ts'
import { EXIT } from './failure.ts'
import { createProgram } from './program.ts'

try {
  await createProgram().parseAsync()
} catch (error) {
  // Commander has said what is wrong with the command line, or shown the help.
  process.exitCode =
    error instanceof CommanderError
      ? error.exitCode === 0
        ? EXIT.done
        : EXIT.usage
      : report(error, process.argv.includes('--json'))
}
