import type { Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import type { GivenOptions } from '../init-questions.ts'
import { withLearnOptions } from '../learn-options.ts'
import { wholeNumber } from '../whole-number.ts'

const MOST_SHARDS = 50
const MOST_BATCH = 4096
const MOST_STEPS = 65_530

type InitArguments = Omit<GivenOptions, 'targets'> & { target?: string[]; json?: boolean }

/** `assay task init` */
export function addInit(task: Command): void {
  const command = addVerb(task, {
    usage: 'init',
    summary: 'Make a task of your own files: a package with a model, its held-out pool, shards and terms.',
    details:
      'Reads what assay data describe reads: tables, folders of pictures, texts, arrays. Works out how files become samples (preprocess.json), keeps a share of them as the held-out pool, trains for a moment with several learning rates, and takes the best. Nothing leaves this machine, no chain is asked. On a terminal it asks for what no option says: the files, what is to be predicted, the model, the folder. Try the result with npm run federate.',
    examples: [
      'assay task init --from people.csv --target state --out mine',
      'assay task init --from ./pictures --model cnn:16,32 --out mine',
      'assay task init --from book.txt --model transformer:layers=2,width=64 --out mine',
    ],
  })
  const withFiles = withLearnOptions(command.option('--from <path>', 'a file, or a folder of files'))
  withSplit(withTraining(withModel(withFiles)))
    .option('--out <folder>', 'a new folder')
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(init)
}

function withModel(command: Command): Command {
  return command
    .option('--name <words>', 'what the task is called (default: the name of the file)')
    .option(
      '--model <model>',
      'logistic, mlp:64,32, cnn:16,32 or transformer:layers=2,width=64 (default: by the files)',
    )
    .option('--optimizer <optimizer>', 'sgd, momentum:0.9, adam or adamw:0.01 (default: by the model)')
    .option('--rate <decimal>', 'the learning rate (default: found by trial)', decimal)
    .option(
      '--dropout <share>',
      'share of elements that training drops (default: none)',
      share('--dropout', 0, 0.9),
    )
}

function withTraining(command: Command): Command {
  return command
    .option(
      '--batch-size <number>',
      'samples of a training step (default: 32; 16 of text)',
      wholeNumber('--batch-size', MOST_BATCH),
    )
    .option(
      '--steps <number>',
      'of a round, a multiple of 10 (default: about four passes)',
      wholeNumber('--steps', MOST_STEPS),
    )
}

function withSplit(command: Command): Command {
  return command
    .option(
      '--holdout <share>',
      'of the samples for the held-out pool (default: a fifth, or more of few)',
      share('--holdout', 0.01, 0.9),
    )
    .option('--force', "write a task that this machine can't run, or whose pool can't judge")
    .option('--shards <number>', 'files that the other samples are dealt to; 0 for none', shards, 3)
    .option(
      '--seed <text>',
      'secret: the pool, the shards and the first weights follow from it (default: random)',
    )
}

async function init({ json, target = [], ...options }: InitArguments): Promise<void> {
  // Loaded only here: the other verbs start faster without an engine.
  const { completeInit } = await import('../init-questions.ts')
  const { initTask } = await import('../init-task.ts')
  const { stdin, stderr } = process
  const terminal = stdin.isTTY && stderr.isTTY ? { input: stdin, output: stderr } : undefined
  print(await initTask(await completeInit({ ...options, targets: target }, terminal)), json)
}

function shards(text: string): number {
  return text === '0' ? 0 : wholeNumber('--shards', MOST_SHARDS)(text)
}

function decimal(text: string): string {
  if (/^(0|[1-9]\d{0,5})(\.\d{1,9})?$/.test(text) && Number(text) > 0) return text
  throw new CliError(
    'usage',
    `--rate "${text}" is not a learning rate.`,
    'Give a decimal above 0, such as 0.05.',
  )
}

function share(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^0(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new CliError(
      'usage',
      `${option} "${text}" is not a share from ${least} to ${most}.`,
      'Give a decimal such as 0.2.',
    )
  }
}
