import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb, group } from '../command.ts'
import { parseTaskId } from '../format.ts'
import { withLearnOptions } from '../learn-options.ts'
import { type ChainOptions, readerOf, withChain } from '../options.ts'
import type { PrepareOptions } from '../prepare-data.ts'
import { storesOf, withStore } from '../store-options.ts'

/** `assay data describe|learn|prepare` */
export function addData(program: Command): void {
  const parent = group(program, {
    usage: 'data',
    summary: 'See what your own files hold, and make samples of a task of them.',
    examples: ['assay data describe --from people.csv --target state'],
  })
  addDescribe(parent)
  addLearn(parent)
  addPrepare(parent)
}

function addDescribe(parent: Command): void {
  addVerb(parent, {
    usage: 'describe',
    summary: 'Say what files hold: rows, columns, types, classes, missing values, duplicates.',
    details:
      'Reads tables (.csv, .tsv, .jsonl), pictures (.png and .jpg, in a folder for each class), texts (.txt, .md) and arrays (.npy, .npz, .safetensors). Nothing leaves this machine.',
    examples: [
      'assay data describe --from people.csv --target state',
      'assay data describe --from ./pictures',
    ],
  })
    .requiredOption('--from <path>', 'a file, or a folder of files')
    .option('--target <name>', 'the column or the array that is to be predicted')
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(async ({ from, target, json }: { from: string; target?: string; json?: boolean }) => {
      // Loaded only here: the other verbs start faster without an engine.
      const { describeData } = await import('../describe-data.ts')
      print(await describeData(from, target), json)
    })
}

type LearnArguments = {
  from: string
  out: string
  target?: string[]
  without?: string[]
  tokens?: string[]
  size?: { width: number; height: number }
  length?: number
  stride?: number
  force?: boolean
  json?: boolean
}

function addLearn(parent: Command): void {
  const command = addVerb(parent, {
    usage: 'learn',
    summary: 'Work out a preprocess.json: how such files become samples of a task.',
    details:
      'For the owner of a task. It is JSON without code, which belongs to the package: columns, what numbers are scaled by, the values of categories, sizes of pictures, the characters of text. The same files give the same one on every machine. Look at it before you publish it: values of your files are in it.',
    examples: [
      'assay data learn --from people.csv --target state --out preprocess.json',
      'assay data learn --from ./pictures --size 28x28 --out preprocess.json',
    ],
  })
  withLearnOptions(command.requiredOption('--from <path>', 'a file, or a folder of files'))
    .requiredOption('--out <file>', 'the preprocess.json to write')
    .option('--force', 'replace a file that is there')
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(async ({ json, target = [], ...options }: LearnArguments) => {
      // Loaded only here: the other verbs start faster without an engine.
      const { learnRecipe } = await import('../learn-recipe.ts')
      print(await learnRecipe({ ...options, targets: target }), json)
    })
}

type PrepareArguments = PrepareOptions & ChainOptions & StoreOptions & { task?: string }

function addPrepare(parent: Command): void {
  const command = addVerb(parent, {
    usage: 'prepare',
    summary: "Make a data file of your own files, by a task's preprocess.json.",
    details:
      'Refuses what does not fit, with the file, the row, the column, the value and what was expected. The data file is written as a whole or not at all. By a task or its package it is for a contributor; by a preprocess.json alone it has strata, if there are some, so that a pool can be made of it. Nothing leaves this machine.',
    examples: [
      'assay data prepare --task 1 --from people.csv --out shard.safetensors --store-url http://127.0.0.1:8080',
      'assay data prepare --package ./clinic --from people.csv --out shard.safetensors',
    ],
  })
  const withTask = command
    .requiredOption('--from <path>', 'a file, or a folder of files')
    .requiredOption('--out <file>', 'the data file to write')
    .option('--task <number>', 'the task on chain, whose package the store has')
    .option('--package <folder>', "the task's package (default: fetched from the store by its hash)")
    .option('--preprocess <file>', 'a preprocess.json alone, without a task')
    .option('--force', 'replace a data file that is there')
  withStore(withChain(withTask), 'blob server of the task').action(async (options: PrepareArguments) => {
    // Loaded only here: the other verbs start faster without an engine.
    const { CONTRIBUTED, prepareBy, prepareData, recipeIn } = await import('../prepare-data.ts')
    if (options.task === undefined) return print(await prepareData(options), options.json)
    const { packageOf } = await import('../task-package.ts')
    const taskId = parseTaskId(options.task)
    if (options.package === undefined) storesOf(options)
    const params = await readTaskParams(await readerOf(options), { taskId })
    const task = await packageOf(options, { ...params, taskId })
    print(await prepareBy(recipeIn(task), options, CONTRIBUTED), options.json)
  })
}
