import { plainText } from '@assay/sdk/client/plain-text.ts'
import { readModels } from '@assay/sdk/verbs/rounds/read-models.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import { fixupSpdxId, isSupportedSpdxId } from '@cyclonedx/cyclonedx-library/SPDX'
import type { Command } from 'commander'
import { print } from '../answer.ts'
import { chooseModel, type ModelChoice, standingOf } from '../chosen-model.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseTaskId } from '../format.ts'
import { readTrainers } from '../model-facts.ts'
import { type ChainOptions, readerOf, withChain } from '../options.ts'
import { storesOf, withStore } from '../store-options.ts'
import { wholeNumber } from '../whole-number.ts'
import { fetchSpec } from './task-pool.ts'

interface GetOptions extends ChainOptions, StoreOptions, ModelChoice {
  out: string
  licence?: string
}

/** `assay model get <task>` */
export function addModelGet(parent: Command): void {
  const command = addVerb(parent, {
    usage: 'get <task>',
    summary: "Fetch a task's model, checked against the chain, with its card; needs no key.",
    details:
      'The folder gets model.safetensors (the very bytes that the root committee voted for), model.onnx with the weights inside if the task says how to predict, model-card.md for people, model.cdx.json for programs (CycloneDX 1.6), and the package of the task. The same model gives the same files.',
    examples: [
      'assay model get 1 --out ./model --store-url http://127.0.0.1:8080',
      'assay model get 1 --round 3 --out ./model --store-dir ./blobs --licence CC-BY-4.0',
    ],
  })
  const withFiles = withChain(command)
    .requiredOption('--out <folder>', 'where the files go; those of an earlier call are replaced')
    .option(
      '--round <round>',
      'after which round (default: the newest that is final)',
      wholeNumber('--round', 2 ** 32 - 1),
    )
    .option('--provisional', 'take a model about whose round cases can still be opened, too')
    .option('--licence <id>', 'its SPDX identifier, as the owner of the task told you; goes into the card')
  withStore(withFiles, 'blob server that has the model').action(get)
}

async function get(task: string, options: GetOptions): Promise<void> {
  const taskId = parseTaskId(task)
  const licence = checkedLicence(options.licence)
  const locations = storesOf(options)
  const reader = await readerOf(options)
  const state = await readTask(reader, { taskId })
  const nowSeconds = Number((await reader.chain.getBlock()).timestamp)
  const model = chooseModel(await readModels(reader, { taskId }), { taskId, nowSeconds, ...options })
  const { openStores } = await import('@assay/store/open-store.ts')
  const store = await openStores(locations)
  const { specHash, maxRounds } = state.params
  // First: it says so if the store lacks the package.
  const spec = await fetchSpec(store, specHash)
  // Loaded only here: the other verbs start faster without an engine.
  const { fetchModelBlob, fetchPackage, writeModelFiles } = await import('../model-files.ts')
  const { blob, metric } = await fetchModelBlob(store, { spec, hash: model.hash })
  const facts = {
    chainId: reader.deployment.chainId,
    rounds: reader.deployment.contracts.rounds,
    ...{ taskId, spec, model, metric, licence },
    specHash,
    maxRounds,
    trainers: await readTrainers(reader, state, model),
  }
  const files = await writeModelFiles(options.out, {
    ...{ facts, blob },
    fetched: await fetchPackage(store, specHash),
  })
  const text = [
    `The model of round ${model.round} of task ${taskId} (${standingOf(model, nowSeconds)}), as on chain: ${model.hash}`,
    ...files.map((file) => `  ${file}`),
  ].join('\n')
  print({ data: { taskId, ...model, metric: metric ?? null, files }, text }, options.json)
}

function checkedLicence(licence: string | undefined): string | undefined {
  if (licence === undefined || isSupportedSpdxId(licence)) return licence
  const close = fixupSpdxId(licence)
  throw new CliError(
    'usage',
    `--licence "${plainText(licence)}" is not an SPDX identifier.`,
    close === undefined ? 'Give one such as MIT, Apache-2.0 or CC-BY-4.0.' : `Write ${close}.`,
  )
}
