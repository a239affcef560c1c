import { type ModelFacts, readTrainers } from '@assay/cli/model-facts.ts'
import { type FetchedPackage, fetchPackage } from '@assay/cli/model-files.ts'
import type { ModelState } from '@assay/cli/model-metric.ts'
import { maxModelBytes } from '@assay/engine/package/model.ts'
import { type ModelMetric, readModel } from '@assay/engine/package/model-blob.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { readModels } from '@assay/sdk/verbs/rounds/read-models.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { httpStore } from '@assay/store/http-store.ts'
import type { PlayedTask } from './federation.ts'
import { readLedger } from './ledger.ts'

/** What somebody was paid for training. */
interface Paid {
  contributor: string
  /** Reward wei as decimal digits. */
  amount: string
  text: string
}

/** What a federation has trained. */
export interface TrainedModel {
  facts: Omit<ModelFacts, 'files'>
  blob: Uint8Array
  fetched: FetchedPackage
  /** How good the model was after each round. */
  rounds: ModelState[]
  paid: Paid[]
}

/** The last model of a task that was played, with what its rounds measured and paid. */
export async function trainedModel(played: PlayedTask): Promise<TrainedModel> {
  const { reader, taskId, taskPackage, storeUrl } = played
  const { spec, specHash } = taskPackage
  const store = httpStore({ url: storeUrl })
  const task = await readTask(reader, { taskId })
  const models = await readModels(reader, { taskId })
  const blobs = await Promise.all(
    models.map(({ hash }) => store.get(hash, { maxBytes: maxModelBytes(spec) })),
  )
  const rounds = blobs.map((blob, i) => ({ hash: models[i]!.hash, metric: readModel(spec, blob).metric }))
  const [model, blob] = [models.at(-1), blobs.at(-1)]
  if (model === undefined || blob === undefined) throw new Error('No round ended with a model: see the logs.')
  const facts = {
    chainId: reader.deployment.chainId,
    rounds: reader.deployment.contracts.rounds,
    ...{ taskId, specHash, spec, model },
    maxRounds: task.params.maxRounds,
    metric: rounds.at(-1)!.metric,
    trainers: await readTrainers(reader, task, model),
    licence: undefined,
  }
  const { contributors } = await readLedger(reader, taskId)
  const paid = [...contributors].map(([contributor, { paidCompute, paidData }]) => {
    const amount = paidCompute + paidData
    const parts = `${amountText(paidCompute, ASSAY)} for compute, ${amountText(paidData, ASSAY)} for data`
    return { contributor, amount: String(amount), text: `${contributor} earned ${parts}` }
  })
  const fetched = await fetchPackage(store, specHash)
  return { facts, blob, fetched, paid, rounds: rounds.map((one) => stateOf(spec, one)) }
}

/** @param figures.metric left out where a blob says nothing */
function stateOf(
  { loss, metric }: TaskSpec,
  figures: { hash: ModelState['hash']; metric: ModelMetric | undefined },
): ModelState {
  const { hash } = figures
  if (figures.metric === undefined) return { hash, unknown: 'its blob does not say how good it is' }
  return { hash, measured: { figures: figures.metric, loss, metric } }
}
