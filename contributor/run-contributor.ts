import type { Block } from '@assay/daemon/clock.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { type DaemonContext, runDaemon } from '@assay/daemon/run-daemon.ts'
import { openWorkbench } from '@assay/daemon/workbench.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Phase } from '@assay/sdk/protocol/phases.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readTask, type TaskState } from '@assay/sdk/verbs/tasks/read-task.ts'
import { openStore } from '@assay/store/open-store.ts'
import { type StoreLocation, storeLocation } from '@assay/store/store-location.ts'
import type { ContributorBehaviour } from './behaviour.ts'
import { claimDuty } from './claim-duty.ts'
import type { ContributorConfig } from './contributor-config.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'
import { enrolDuty, noteEnrolled } from './enrol-duty.ts'
import { evidenceDuty } from './evidence-duty.ts'
import { openDuty } from './open-duty.ts'
import { openOwnData } from './own-data.ts'
import { openSecrets } from './secrets.ts'
import { submitDuty } from './submit-duty.ts'
import { openTraceFiles } from './trace-file.ts'
import { CONTRIBUTOR_MIGRATIONS, openWorkLog } from './work-log.ts'

export type ContributorOptions = {
  config: ContributorConfig
  /** Behaves otherwise than an honest contributor; for simulations. */
  behaviour?: ContributorBehaviour
  /** Given: the caller owns the process. Absent: SIGTERM, SIGINT and the parent's messages stop the daemon. */
  signal?: AbortSignal
  /** Called when all that was due at a block is done. */
  onIdle?: (blockNumber: bigint) => void
}

/** From the seal until the scores are settled. */
const OPENING_PHASES: readonly Phase[] = ['Open', 'Commit', 'Reveal', 'RedrawCommit', 'RedrawReveal']

/**
 * Runs a contributor until it is stopped: enrols once, then each round trains on its own samples, commits, opens after the seal,
 * answers for the windows that were drawn, and claims what matures. It can be killed and started again at any moment.
 *
 * @throws FatalDaemonError for what no retry mends: another chain's or key's data directory, samples that changed since
 * enrolment, a package that isn't the task's; StoreLocationError unless the configuration names one store
 */
export async function runContributor({
  config,
  behaviour = {},
  signal,
  onIdle,
}: ContributorOptions): Promise<void> {
  const location = storeLocation(config)
  let context: ContributorContext | undefined
  await runDaemon({
    role: 'contributor',
    config,
    migrations: CONTRIBUTOR_MIGRATIONS,
    start: async (daemon) => {
      context = await openContributor(daemon, { config, location }, behaviour)
    },
    tick: async (_daemon, block) => tick(context!, block),
    stop: async () => context?.bench.close(),
    signal,
    onIdle,
  })
}

async function openContributor(
  daemon: DaemonContext,
  { config: settings, location }: { config: ContributorConfig; location: StoreLocation },
  behaviour: ContributorBehaviour,
): Promise<ContributorContext> {
  const store = await openStore(location)
  const bench = openWorkbench({ ...settings, getBlob: (hash, maxBytes) => store.get(hash, { maxBytes }) })
  const { params } = await readTask(daemon.reader, { taskId: settings.taskId })
  const secrets = openSecrets(daemon, settings.keySeed)
  const { spec } = await bench.package(params.specHash).catch(refusePackage)
  checkTerms(params, { steps: spec.steps, windows: spec.steps / spec.commitEvery })
  return {
    ...daemon,
    settings,
    store,
    bench,
    secrets,
    works: openWorkLog(daemon.db),
    traces: openTraceFiles(settings.dataDir),
    behaviour,
    params,
    data: openOwnData({ settings, bench, secrets, params, behaviour, config: daemon.config, db: daemon.db }),
    told: new Map(),
  }
}

async function tick(context: ContributorContext, block: Block): Promise<void> {
  const { reader, config, account } = context
  const at = { taskId: config.taskId, blockNumber: block.number }
  const [round, me] = await Promise.all([
    readRound(reader, at),
    readParticipant(reader, { ...at, contributor: account.address }),
  ])
  // First what needs the chain alone: a store that is down must not keep earnings from being claimed.
  await claimDuty(context, { block })
  if (!me.enrolled) return enrolDuty(context, { block })
  noteEnrolled(context, { block })
  await roundDuties(context, { block, round, me })
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
    `The task's package is refused: ${error.message}. Nothing can be trained or earned with it.`,
  )
}

/** A task whose terms on chain don't fit its package can't be trained as committed. */
function checkTerms(
  params: TaskState['params'],
  { steps, windows }: { steps: number; windows: number },
): void {
  if (params.stepsPerRound === steps && params.windowsPerRound === windows) return
  throw new FatalDaemonError(
    `The task asks for ${params.stepsPerRound} steps in ${params.windowsPerRound} windows, its package for ${steps} in ${windows}. Its owner has to publish a task that fits; nothing can be earned here.`,
  )
}
