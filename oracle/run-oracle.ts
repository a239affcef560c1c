import type { Block } from '@assay/daemon/clock.ts'
import { type DaemonContext, runDaemon, type StartOptions } from '@assay/daemon/run-daemon.ts'
import { closeWorkContext, openWorkContext } from '@assay/daemon/work-context.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { readRoundAndPool } from '@assay/sdk/verbs/rounds/read-round-and-pool.ts'
import { type StoreLocation, storeLocations } from '@assay/store/store-location.ts'
import type { OracleBehaviour } from './behaviour.ts'
import { withMemory } from './blob-memory.ts'
import { attendCourt } from './court/attend.ts'
import { keepScored, openScoredUpdates } from './court/scored-updates.ts'
import { laterBy } from './deadlines.ts'
import { openDocket } from './docket.ts'
import { dutyAt } from './duties.ts'
import { joinWhenAsked } from './join.ts'
import { keepRoundGoing } from './keep.ts'
import { measureSteps } from './measure-model.ts'
import { openModelShelf } from './models.ts'
import type { OracleConfig } from './oracle-config.ts'
import type { OracleContext } from './oracle-context.ts'
import { keySeedOf, oracleKeys } from './oracle-keys.ts'
import { owesReveal } from './owed-reveal.ts'
import { openPoolWait } from './pool/await-pool.ts'
import { openFetcher } from './pool/fetch-pool.ts'
import { openPoolShelf } from './pool/held-out-pool.ts'
import { isPoolOfTask } from './pool/pool-names.ts'
import { openNewcomers, sealToNewcomers } from './pool/seal-to-newcomers.ts'
import { openProgress } from './progress.ts'
import { sayReady } from './ready.ts'
import { type RoundFacts, readRoundFacts } from './round-facts.ts'
import { commitSheet, revealSheet } from './score.ts'
import { SEEN_UPDATES_MIGRATION } from './seen-updates.ts'
import { serveModel } from './serve-model.ts'
import { SIGN_ONCE_MIGRATION } from './sign-once.ts'
import { openHeldRounds } from './verify/held-windows.ts'
import { voteOnAggregates, voteOnModel } from './vote.ts'

/**
 * Runs a validator's oracle until it is stopped. At each block it finds its duties from the chain alone, does them, and
 * posts each once. It can be killed at any time and continues from its database.
 *
 * @throws FatalDaemonError when a retry can't help: a database of another chain or key, another encryption key, a
 * package or held-out pool of another task; StoreLocationError unless the config names a store
 */
export async function runOracle({
  config,
  behaviour = {},
  signal,
  newBlocks,
  onIdle,
}: StartOptions<OracleConfig, OracleBehaviour>): Promise<void> {
  const locations = storeLocations(config)
  let known: RoundFacts | undefined
  let isValidator = false
  let poolWait: ReturnType<typeof openPoolWait> | undefined

  await runDaemon({
    role: 'oracle',
    config,
    migrations: [SIGN_ONCE_MIGRATION, SEEN_UPDATES_MIGRATION],
    open: (daemon) => openContext(daemon, { locations, behaviour }),
    tick: async (context, block, isYielding) => {
      const beganMs = performance.now()
      isValidator ||= await joinWhenAsked(context, block)
      if (!isValidator) return
      const of = { taskId: config.taskId, blockNumber: block.number }
      const { round: state, pool } = await readRoundAndPool(context.reader, of)
      poolWait ??= openPoolWait(context)
      const pools = await poolWait(pool, state.phase)
      if (!isYielding) {
        await sayReady(context, { ...state, number: block.number }, pools)
        if (!behaviour.silent) await sealToNewcomers(context, pools, block)
      }
      if (!behaviour.silent) known = await work(context, { state, block, isYielding, beganMs }, known)
    },
    owes: owesReveal,
    tried: async ({ uploads, docket, scored }) => {
      await Promise.all([uploads.tried(), docket.jury.tried(), docket.polls.tried(), ...scored.running])
    },
    close: async (context) => {
      await Promise.all(context.scored.running)
      await closeWorkContext(context)
    },
    signal,
    newBlocks,
    onIdle,
  })
}

async function openContext(
  daemon: DaemonContext<OracleConfig>,
  { locations, behaviour }: { locations: readonly StoreLocation[]; behaviour: OracleBehaviour },
): Promise<OracleContext> {
  // Before what has to be closed again.
  const scored = await openScoredUpdates(daemon.config.dataDir)
  const context = await openWorkContext(daemon, locations)
  const { config, reader, bench } = context
  const keys = oracleKeys(config.keySeed ?? keySeedOf(config.privateKey))
  const store = withMemory(context.store)
  const pools = openPoolShelf({
    bench,
    dir: config.dataDir,
    poolFile: config.poolFile,
    isOther: (root) => isPoolOfTask(reader, config.taskId, root),
    copiesSeed: keys.copiesSeed,
    fetchPool: openFetcher({ ...context, store, keys }),
  })
  const models = openModelShelf(reader, store, bench, measureSteps({ ...context, pools }))
  const [served, newcomers, progress] = [new Map(), openNewcomers(), openProgress()]
  return {
    ...context,
    store,
    behaviour,
    keys,
    models,
    heldRounds: (taskId) => openHeldRounds(reader, taskId),
    pools,
    newcomers,
    served,
    progress,
    docket: openDocket(),
    scored,
    readyIn: undefined,
  }
}

type Tick = { state: RoundState; block: Block; isYielding: boolean; beganMs: number }

/** Does one block's work. Keepers' calls come first, because others wait for them. @returns facts for the next block */
async function work(
  context: OracleContext,
  { state, block, isYielding, beganMs }: Tick,
  known: RoundFacts | undefined,
): Promise<RoundFacts | undefined> {
  const { reader, account, config } = context
  const { taskId } = config
  const facts = await factsOf()
  const due = dutyAt(state, Number(block.timestamp))
  if (!isYielding) {
    await keepRoundGoing(context, state, facts, block)
    await attendCourt(context, { state, block, isFree: due === undefined })
  }
  serveModel(context, state)
  if (facts !== undefined) keepScored(context, facts)
  if (facts === undefined || due === undefined || (isYielding && due.kind !== 'reveal')) return facts

  // Waiting for a pool may have taken most of the last call.
  const duty = laterBy(due, (performance.now() - beganMs) / 1_000)
  if (duty.kind === 'commit') await commitSheet(context, facts, duty)
  else if (duty.kind === 'reveal') await revealSheet(context, facts, duty)
  else if (duty.kind === 'voteAggregates') await voteOnAggregates(context, facts, duty)
  else await voteOnModel(context, facts, duty, block.number)
  return facts

  async function factsOf(): Promise<RoundFacts | undefined> {
    if (state.beacon === undefined || state.phase === 'Idle') return undefined
    if (!block.reorganised && known?.round === state.round && known.beacon === state.beacon) return known
    return readRoundFacts(reader, { taskId, state, validator: account.address })
  }
}
