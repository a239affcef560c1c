import type { Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb, group } from '../command.ts'
import type { PrepareOptions } from '../prepare-data.ts'

/** `assay data describe|prepare` */
export function addData(program: Command): void {
  const parent = group(program, {
    usage: 'data',
    summary: 'See what your own files hold, and make samples of a task of them.',
    examples: ['assay data describe --from people.csv --target state'],
  })
  addDescribe(parent)
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

function addPrepare(parent: Command): void {
  addVerb(parent, {
    usage: 'prepare',
    summary: "Make a data file of your own files, by a task's preprocess.json.",
    details:
      'Refuses what does not fit, with the file, the row, the column, the value and what was expected. The data file is written as a whole or not at all. Nothing leaves this machine.',
    examples: ['assay data prepare --preprocess preprocess.json --from people.csv --out shard.safetensors'],
  })
    .requiredOption('--preprocess <file>', "the task's preprocess.json")
    .requiredOption('--from <path>', 'a file, or a folder of files')
    .requiredOption('--out <file>', 'the data file to write')
    .option('--force', 'replace a data file that is there')
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(async ({ json, ...options }: PrepareOptions & { json?: boolean }) => {
      // Loaded only here: the other verbs start faster without an engine.
      const { prepareData } = await import('../prepare-data.ts')
      print(await prepareData(options), json)
    })
}
