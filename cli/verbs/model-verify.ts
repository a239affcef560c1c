import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type RoundModel, readModels } from '@assay/sdk/verbs/rounds/read-models.ts'
import type { Command } from 'commander'
import { print } from '../answer.ts'
import { standingOf } from '../chosen-model.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseTaskId } from '../format.ts'
import { type ChainOptions, readerOf, withChain } from '../options.ts'

interface VerifyOptions extends ChainOptions {
  model: string
}

/** `assay model verify <task>` */
export function addModelVerify(parent: Command): void {
  const command = addVerb(parent, {
    usage: 'verify <task>',
    summary: 'Is a file the model that a task has trained? Asks the chain alone; needs no key.',
    examples: [
      'assay model verify 1 --model ./model',
      'assay model verify 1 --model ./model/model.safetensors',
    ],
  })
  withChain(command)
    .requiredOption('--model <path>', 'model.safetensors, or the folder of assay model get')
    .action(verify)
}

async function verify(task: string, options: VerifyOptions): Promise<void> {
  const taskId = parseTaskId(task)
  const file = await modelFileIn(options.model)
  // Loaded only here: the other verbs start faster without it.
  const { hashOfFile } = await import('../model-files.ts')
  const hash = await hashOfFile(file)
  const reader = await readerOf(options)
  const models = await readModels(reader, { taskId })
  const nowSeconds = Number((await reader.chain.getBlock()).timestamp)
  const found = madeBy(models, hash)
  if (found === undefined) throw unknownModel(file, { taskId, hash, count: models.length })
  const standing = standingOf(found, nowSeconds)
  const text = `${file} is the model of round ${found.round} of task ${taskId}, ${standing}: ${hash}`
  print({ data: { taskId, file, standing, ...found }, text }, options.json)
}

async function modelFileIn(path: string): Promise<string> {
  const { MODEL_FILE } = await import('../model-files.ts')
  const isFolder = (await stat(path)).isDirectory()
  return isFolder ? join(path, MODEL_FILE) : path
}

/** The round that made a model, or the first after which it was the task's; a round that lasts before one that is undone. */
function madeBy(models: readonly RoundModel[], hash: string): RoundModel | undefined {
  const same = models.filter((one) => one.hash === hash)
  return same.find(({ isUndone }) => !isUndone) ?? same[0]
}

function unknownModel(
  file: string,
  { taskId, hash, count }: { taskId: bigint; hash: string; count: number },
): CliError {
  return new CliError(
    'failed',
    `${file} has the sha256 ${hash}, which none of the ${count} models of task ${taskId} has: it was changed, or is of another task.`,
    `Fetch it again: assay model get ${taskId}`,
  )
}
