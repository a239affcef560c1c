import { readMaySubmit } from '@assay/sdk/verbs/rounds/read-may-submit.ts'
import { submitCall } from '@assay/sdk/verbs/rounds/submit.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'
import { ensureWork } from './work.ts'
import type { Work } from './work-log.ts'

/** The outbox's name for posting a work. */
export function submitDutyName({ sequence }: Work): string {
  return sequence === 0 ? 'submit' : `submit/${sequence}`
}

/** In the Submit phase: trains, records the work, posts its commitment. Nothing else is published before the seal. */
export async function submitDuty(context: ContributorContext, { block, round, me }: Moment): Promise<void> {
  const { config, outbox, log, reader, account, told } = context
  const { taskId } = config
  if (me.lastRound === round.round) return
  const at = { taskId, contributor: account.address, blockNumber: block.number }
  if (!hasWork(context, round.round) && !(await readMaySubmit(reader, at))) return

  const work = await ensureWork(context, round, Number(block.number - round.openedBlock))
  if (!work) return
  const call = submitCall(context.reader.deployment, { taskId, commitment: work.commitment })
  const name = { taskId, round: work.round, duty: submitDutyName(work) }
  const result = await outbox.post({ ...name, call, endsAt: round.submitEnd })
  if ('reason' in result && told.isNews('submission', `${work.round} ${result.reason}`))
    log.warn({ round: work.round, reason: result.reason }, 'the submission was refused')
}

function hasWork({ works, config }: ContributorContext, round: number): boolean {
  return works.works(config.taskId, round).length > 0
}
