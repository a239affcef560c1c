import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeModelFiles } from '@assay/cli/model-files.ts'
import { modelText } from '@assay/cli/model-metric.ts'
import { trainerOf } from '@assay/cli/trainer-options.ts'
import { readTaskPackage } from '@assay/engine/node/task-package.ts'
import { toleranceOf } from '@assay/engine/package/mode.ts'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import { readArguments } from './command/read-arguments.ts'
import { reportFailure } from './command/report-failure.ts'
import { UsageError } from './command/usage-error.ts'
import { wholeNumber } from './command/whole-number.ts'
import { runFederation } from './demo/federation.ts'
import { type FederationOptions, LIMITS } from './demo/options.ts'
import { linePerRound } from './demo/progress.ts'
import type { FederatedTask } from './demo/setup.ts'
import { trainedModel } from './demo/trained-model.ts'

const USAGE = `npm run federate -- FOLDER --out FOLDER [options]

Has a task of your own trained on a chain of this machine, before any money depends on it: a contributor for each file in
FOLDER/shards, validators, real processes and transactions. Ends with the trained model.

  FOLDER             with package/, ${POOL_FILE} and shards/*.safetensors, as assay task init and npm run digits write it
  --out FOLDER       gets the model with its card, and logs
  --rounds N         rounds (default 3, ${LIMITS.rounds.least}…${LIMITS.rounds.most})
  --validators N     validators (default 7, ${LIMITS.validators.least}…${LIMITS.validators.most})
  --seed N           keys and draws follow from it (default 1)
  --trainer WHAT     in tolerant tasks: what contributors train with, native (onnxruntime-node) or a command of yours
  --json             data as JSON on stdout, everything else on stderr
  --help             this text

Example: npm run federate -- digits --rounds 2 --out trained`

interface FederateOptions extends FederationOptions {
  folder: string
  trainer: FederatedTask['trainer']
  isJson: boolean
}

/** Reads the command line. @returns undefined when help was asked for */
async function optionsOf(args: string[]): Promise<FederateOptions | undefined> {
  const { values, positionals } = readArguments({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      validators: { type: 'string', default: '7' },
      seed: { type: 'string', default: '1' },
      trainer: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const [folder, ...rest] = positionals
  if (folder === undefined || rest.length > 0)
    throw new UsageError('give one folder with package/, pool and shards/')
  if (values.out === undefined) throw new UsageError('--out FOLDER is missing')
  const number = (name: 'rounds' | 'validators' | 'seed') =>
    wholeNumber(name, values[name], LIMITS[name].least, LIMITS[name].most)
  return {
    folder,
    trainer: trainerOf(values),
    isJson: values.json,
    contributors: (await shardsOf(folder)).length,
    validators: number('validators'),
    rounds: number('rounds'),
    seed: number('seed'),
    attackers: [],
    deviantValidators: [],
    slowStores: 0,
    outputDir: values.out,
  }
}

/** Files of the contributors' samples, contributor-2 before contributor-10. */
async function shardsOf(folder: string): Promise<string[]> {
  const dir = join(folder, 'shards')
  const names = await readdir(dir).catch(() => {
    throw new UsageError(`${dir} is not a folder: give one that assay task init or npm run digits wrote`)
  })
  const collator = new Intl.Collator('en', { numeric: true })
  const shards = names.filter((name) => name.endsWith('.safetensors')).sort(collator.compare)
  const { least, most } = LIMITS.contributors
  if (shards.length < least || shards.length > most)
    throw new UsageError(
      `${dir} has ${shards.length} shards (.safetensors): ${least} to ${most} contributors can take part`,
    )
  return shards.map((name) => join(dir, name))
}

async function taskIn({ folder, trainer }: FederateOptions): Promise<FederatedTask> {
  const [packageDir, poolFile] = [join(folder, 'package'), join(folder, POOL_FILE)]
  if (!(await stat(poolFile).catch(() => undefined))?.isFile())
    throw new UsageError(`${poolFile} is missing: the held-out pool stands beside package/`)
  const [taskPackage, shards] = await Promise.all([readTaskPackage(packageDir), shardsOf(folder)])
  if (trainer !== undefined && toleranceOf(taskPackage.spec) === undefined)
    throw new UsageError(
      `--trainer is for tolerant tasks, ${packageDir} is exact: assay package mode ${packageDir} tolerant`,
    )
  return { taskPackage, packageDir, poolFile, shards, trainer }
}

const interruption = new AbortController()
process.once('SIGINT', () => interruption.abort())
process.once('SIGTERM', () => interruption.abort())

async function main(args: string[]): Promise<void> {
  const options = await optionsOf(args)
  if (options === undefined) {
    console.log(USAGE)
    return
  }
  const task = await taskIn(options)
  const progress = linePerRound(options.rounds)
  const plan = { makeTask: async () => task, finish: trainedModel }
  const { rounds, paid, ...model } = await runFederation(options, plan, progress, interruption.signal)
  progress.end()
  const files = await writeModelFiles(options.outputDir, model)
  if (options.isJson) console.log(JSON.stringify({ rounds, paid, files }, undefined, 2))
  else console.log([...rounds.map(modelText), ...paid.map(({ text }) => text), ...files].join('\n'))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  reportFailure(error, 'npm run federate', interruption.signal.aborted)
}
