import { timeText } from '@assay/sdk/client/times.ts'
import type { RoundModel } from '@assay/sdk/verbs/rounds/read-models.ts'
import { CliError } from './failure.ts'

/** Which of a task's models is asked for. */
export type ModelChoice = {
  /** After which round; the newest one by default. */
  round?: number
  /** Whether a model may be taken about whose round a case can still be opened. */
  provisional?: boolean
}

/** What can be said of a round's model at a time: `final`, or why it may not last. */
export function standingOf({ isUndone, finalAt }: RoundModel, nowSeconds: number): string {
  if (isUndone) return 'undone by a verdict'
  return nowSeconds >= finalAt ? 'final' : `provisional until ${timeText(finalAt)}`
}

/**
 * The model that is asked for: the newest one that is final, or that of a round.
 *
 * @throws CliError when there is none, a verdict has undone it, or it isn't final and `provisional` isn't set
 */
export function chooseModel(
  models: readonly RoundModel[],
  { taskId, nowSeconds, round, provisional = false }: ModelChoice & { taskId: bigint; nowSeconds: number },
): RoundModel {
  const list = `See which there are: assay model list ${taskId}.`
  if (round !== undefined) {
    const named = models.find((one) => one.round === round)
    if (named === undefined)
      throw new CliError(
        'failed',
        `Task ${taskId} has no model of round ${round}: it hasn't closed, or ended void.`,
        list,
      )
    requireLasting(named, nowSeconds, { provisional, list })
    return named
  }
  const lasting = models.filter(
    ({ isUndone, finalAt }) => !isUndone && (provisional || nowSeconds >= finalAt),
  )
  const newest = lasting.at(-1)
  if (newest !== undefined) return newest
  const next = models.find(({ isUndone }) => !isUndone)
  if (next === undefined)
    throw new CliError('failed', `No round of task ${taskId} has made a model yet.`, list)
  throw new CliError(
    'tryAgain',
    `No model of task ${taskId} is final yet: the one of round ${next.round} is ${standingOf(next, nowSeconds)}.`,
    'Wait until then, or add --provisional: cases about its round can still be opened.',
  )
}

function requireLasting(
  model: RoundModel,
  nowSeconds: number,
  { provisional, list }: { provisional: boolean; list: string },
): void {
  const { round, isUndone, finalAt } = model
  if (isUndone) throw new CliError('failed', `A verdict has undone round ${round} and its model.`, list)
  if (provisional || nowSeconds >= finalAt) return
  throw new CliError(
    'tryAgain',
    `The model of round ${round} is ${standingOf(model, nowSeconds)}.`,
    'Wait until then, or add --provisional: cases about its round can still be opened.',
  )
}
