import type { TrainerConfig } from '@assay/contributor/trainer.ts'
import { NATIVE_PROVIDERS, type NativeOptions } from '@assay/engine/node/native-options.ts'
import { type Command, Option } from 'commander'
import { CliError } from './failure.ts'
import { wholeNumber } from './whole-number.ts'

/** What a contributor trains with, as its options say it. */
export interface TrainerOptions {
  trainer?: string
  nativeProvider?: NativeOptions['provider']
  nativeThreads?: number
}

/** What `--trainer` calls the native runtime; anything else is a command. */
const NATIVE = 'native'
const MOST_THREADS = 1024

/** Adds the options that say what trains. */
export function withTrainer(command: Command): Command {
  return command
    .option(
      '--trainer <native|command>',
      "in tolerant tasks: train in onnxruntime-node, or in a program of yours, instead of the task's engine; outside of the sandbox, so only for tasks whose owner you trust",
    )
    .addOption(
      new Option('--native-provider <name>', 'where --trainer native computes (default: cpu)').choices(
        NATIVE_PROVIDERS,
      ),
    )
    .option(
      '--native-threads <number>',
      'threads of --trainer native (default: one a core)',
      wholeNumber('--native-threads', MOST_THREADS),
    )
}

/** @throws CliError when an option says how the native runtime computes, and something else trains */
export function trainerOf({
  trainer,
  nativeProvider,
  nativeThreads,
}: TrainerOptions): TrainerConfig | undefined {
  if (trainer === NATIVE)
    return { kind: 'native', provider: nativeProvider ?? 'cpu', threads: nativeThreads ?? 0 }
  const stray = nativeProvider !== undefined ? '--native-provider' : '--native-threads'
  if (nativeProvider !== undefined || nativeThreads !== undefined)
    throw new CliError(
      'usage',
      `${stray} is for --trainer ${NATIVE}, ${trainer === undefined ? 'and no --trainer is given' : `not for --trainer "${trainer}"`}.`,
      `Leave it away, or give --trainer ${NATIVE}.`,
    )
  return trainer === undefined ? undefined : { kind: 'program', command: trainer }
}
