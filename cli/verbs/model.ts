import type { RoundModel } from '@assay/sdk/verbs/rounds/read-models.ts'
import { readModels } from '@assay/sdk/verbs/rounds/read-models.ts'
import type { Command } from 'commander'
import { print } from '../answer.ts'
import { standingOf } from '../chosen-model.ts'
import { addVerb, group } from '../command.ts'
import { parseTaskId } from '../format.ts'
import { type ChainOptions, readerOf, withChain } from '../options.ts'
import { addModelGet } from './model-get.ts'
import { addModelPredict } from './model-predict.ts'
import { addModelVerify } from './model-verify.ts'

/** `assay model list|get|verify|predict` */
export function addModel(program: Command): void {
  const parent = group(program, {
    usage: 'model',
    summary: 'See, fetch, check and use the models that a task has trained.',
    examples: ['assay model list 1', 'assay model get 1 --out ./model --store-url http://127.0.0.1:8080'],
  })
  addModelList(parent)
  addModelGet(parent)
  addModelVerify(parent)
  addModelPredict(parent)
}

function addModelList(parent: Command): void {
  const command = addVerb(parent, {
    usage: 'list <task>',
    summary: 'The models of a task, the newest first; needs no key.',
    details:
      'A model is final once nobody can open a case about its round any more. A case that was opened in time can still undo it: assay case list.',
    examples: ['assay model list 1', 'assay model list 1 --json'],
  })
  withChain(command).action(async (task: string, options: ChainOptions) => {
    const taskId = parseTaskId(task)
    const reader = await readerOf(options)
    const models = await readModels(reader, { taskId })
    const nowSeconds = Number((await reader.chain.getBlock()).timestamp)
    const listed = models.toReversed().map((one) => ({ ...one, standing: standingOf(one, nowSeconds) }))
    const text =
      listed.length === 0 ? `No round of task ${taskId} has made a model yet.` : listed.map(lineOf).join('\n')
    print({ data: { taskId, models: listed }, text }, options.json)
  })
}

function lineOf({ round, hash, isNew, standing }: RoundModel & { standing: string }): string {
  return `round ${round}  ${hash}  ${isNew ? standing : 'no new model: an earlier one stayed'}`
}
