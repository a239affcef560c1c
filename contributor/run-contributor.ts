import type { Block } from '@assay/daemon/clock.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { runDaemon, type StartOptions } from '@assay/daemon/run-daemon.ts'
import { whyTaskIsOver } from '@assay/daemon/task-over.ts'
import { closeWorkContext, completed, openWorkContext, type WorkContext } from '@assay/daemon/work-context.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Phase } from '@assay/sdk/protocol/phases.ts'
import { readStanding } from '@assay/sdk/verbs/rounds/read-standing.ts'
import { readDataRoot } from '@assay/sdk/verbs/tasks/read-data-root.ts'
import type { TaskState } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { storeLocations } from '@assay/store/store-location.ts'
import { answerDuty } from './answer-duty.ts'
import type { ContributorBehaviour } from './behaviour.ts'
import { claimDuty } from './claim-duty.ts'
import type { ContributorConfig } from './contributor-config.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'
import { defendDuty } from './defend-duty.ts'
import { enrolDuty, noteEnrolled } from './enrol-duty.ts'
import { evidenceDuty } from './evidence-duty.ts'
import { attendCases, openMeanwhile } from './meanwhile.ts'
import { openDuty } from './open-duty.ts'
import { openCasesAgainst } from './own-cases.ts'
import { openOwnData, requireEnrolledData } from './own-data.ts'
import { openSecrets } from './secrets.ts'
import { serveDuty } from './serve-duty.ts'
import { submitDuty } from './submit-duty.ts'
import { openTraceFiles } from './trace-file.ts'
import { withTrainer } from './trainer.ts'
import { CONTRIBUTOR_MIGRATIONS, openWorkLog } from './work-log.ts'

/** Phases from the seal until scores are settled: openings and evidence are due. */
const OPENING_PHASES: readonly Phase[] = ['Open', 'Commit', 'Reveal', 'RedrawCommit', 'RedrawReveal']

/**
 * Runs a contributor until it is stopped. It enrols once. Each round it trains on its own samples, commits, opens its
 * update after the seal, publishes evidence for drawn windows, and claims what matures. It can be killed and restarted
 * at any time.
 *
 * @throws FatalDaemonError when a retry can't help: a data directory of another chain or key, samples other than those
 * enrolled with, a package that isn't the task's; StoreLocationError unless the config names a store
 */
export async function runContributor({
  config,
  behaviour = {},
  signal,
  newBlocks,
  onIdle,
}: StartOptions<ContributorConfig, ContributorBehaviour>): Promise<void> {
  const locations = storeLocations(config)
  await runDaemon({
    role: 'contributor',
    config,
    migrations: CONTRIBUTOR_MIGRATIONS,
    open: async (daemon) =>
      completed(await openWorkContext(daemon, locations), (context) => completeContext(context, behaviour)),
    tick,
    tried: ({ uploads }) => uploads.tried(),
    close: closeWorkContext,
    signal,
    newBlocks,
    onIdle,
  })
}

async function completeContext(
  context: WorkContext<ContributorConfig>,
  behaviour: ContributorBehaviour,
): Promise<ContributorContext> {
  const { config, reader, db } = context
  const params = await readTaskParams(reader, { taskId: config.taskId })
  const secrets = openSecrets(context, config.keySeed)
  const { spec } = await context.bench.package(params.specHash).catch(refusePackage)
  checkTerms(params, { steps: spec.steps, windows: spec.steps / spec.commitEvery })
  const bench = config.trainer
    ? await withTrainer(context.bench, params.specHash, { chosen: config.trainer, signal: context.signal })
    : context.bench
  const complete: ContributorContext = {
    ...context,
    bench,
    behaviour,
    secrets,
    works: openWorkLog(db),
    traces: openTraceFiles(config.dataDir, config.trainer && Number.POSITIVE_INFINITY),
    params,
    lasting: { enrolledAt: undefined, isOver: false },
    data: openOwnData({ config, bench, secrets, params, behaviour }),
    meanwhile: (work) => meanwhile(work),
  }
  const meanwhile = openMeanwhile(attendCases(complete))
  return complete
}

async function tick(context: ContributorContext, block: Block): Promise<void> {
  const { reader, config, account } = context
  const at = { taskId: config.taskId, blockNumber: block.number }
  const { round, me, earnings } = await readStanding(reader, { ...at, contributor: account.address })
  // Claiming comes first: it needs the chain only, so a store that is down must not stop it.
  await claimDuty(context, { block, earnings })
  const cases = await openCasesAgainst(context, { block, earnings })
  await answerDuty(context, { block, cases })
  await serveDuty(context, { block, cases })
  await defendDuty(context, { block, cases })
  if (!me.enrolled) return enrolDuty(context, { block })
  noteEnrolled(context, { block })
  const moment = { block, round, me, earnings }
  await requireOwnEnrolment(context, moment)
  await roundDuties(context, moment)
  if (round.phase === 'Idle') await noteIdle(context, moment)
}

/** Asks the chain once for each enrolment what it has of its samples: that stays the same while it lasts. */
async function requireOwnEnrolment(context: ContributorContext, { block, me }: Moment): Promise<void> {
  const { reader, config, account, lasting } = context
  if (!block.reorganised && lasting.enrolledAt === me.enrolledAt) return
  const own = { taskId: config.taskId, contributor: account.address, blockNumber: block.number }
  await requireEnrolledData(context, await readDataRoot(reader, own))
  lasting.enrolledAt = me.enrolledAt
}

/** Says once what an enrolled contributor waits for between rounds. */
async function noteIdle(
  { reader, config, params, told, log, lasting }: ContributorContext,
  moment: Moment,
): Promise<void> {
  const { taskId } = config
  const { block, round } = moment
  if (lasting.isOver && !block.reorganised) return
  const over = await whyTaskIsOver(reader, { taskId, blockNumber: block.number, params, round: round.round })
  lasting.isOver = over !== undefined
  if (!told.isNews('between rounds', over ?? 'open')) return
  if (over === undefined) log.info({ lastRound: round.round }, 'waiting for the next round to open')
  else
    log.warn(
      `the task is over, ${over}: nothing is left to train. What matures is still claimed; \`assay leave ${taskId}\` frees the stake`,
    )
}

async function roundDuties(context: ContributorContext, moment: Moment): Promise<void> {
  const { round, me } = moment
  if (round.phase === 'Submit') return submitDuty(context, moment)
  if (!OPENING_PHASES.includes(round.phase) || me.settledRound === round.round) return
  const work = await openDuty(context, moment)
  if (work) await evidenceDuty(context, moment, work)
}

function refusePackage(error: unknown): never {
  if (!(error instanceof EngineRefusal)) throw error
  throw new FatalDaemonError(
    `The task's package is invalid: ${error.message}. Nothing can be trained or earned with it.`,
  )
}

/** Refuses a task whose terms on chain don't fit its package: its training could never be proven. */
function checkTerms(
  params: TaskState['params'],
  { steps, windows }: { steps: number; windows: number },
): void {
  if (params.stepsPerRound === steps && params.windowsPerRound === windows) return
  throw new FatalDaemonError(
    `The task asks for ${params.stepsPerRound} steps in ${params.windowsPerRound} windows, its package for ${steps} in ${windows}. Its owner has to publish a task that fits; nothing can be earned here.`,
  )
}
