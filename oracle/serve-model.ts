import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { OracleContext } from './oracle-context.ts'

/**
 * Once a round, while contributors train: makes sure that every store has the model to train from. Whoever has it, or
 * can compute it from the pieces, serves it, not only those who voted for it. It goes on in the background.
 */
export function serveModel(context: OracleContext, state: RoundState): void {
  const { served, log } = context
  if (state.phase !== 'Submit' || served.has(state.round)) return
  served.clear()
  const work = serve(context, state).catch((error) => {
    // The next block is another chance; whoever needs the model for a duty says so itself.
    served.delete(state.round)
    log.debug({ round: state.round, reason: String(error) }, 'the base model could not be served')
  })
  served.set(state.round, work)
}

async function serve(
  { reader, config, models, store, uploads }: OracleContext,
  { round, openedBlock, baseModelHash }: RoundState,
): Promise<void> {
  const { taskId } = config
  const params = await readTaskParams(reader, { taskId })
  const place = { taskId, round, openedBlock, params, committeeSize: params.committeeSize }
  if (await uploads.isEverywhere(baseModelHash)) return
  await store.put(await models.blob(baseModelHash, place))
  await uploads.restore(baseModelHash)
}
