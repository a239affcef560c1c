import type { Block } from '@assay/daemon/clock.ts'
import { type DaemonContext, runDaemon } from '@assay/daemon/run-daemon.ts'
import { openWorkbench } from '@assay/daemon/workbench.ts'
import { openStore } from '@assay/store/open-store.ts'
import { type StoreLocation, storeLocation } from '@assay/store/store-location.ts'
import type { OracleBehaviour } from './behaviour.ts'
import { dutyAt } from './duties.ts'
import { joinWhenAsked } from './join.ts'
import { keepRoundGoing } from './keep.ts'
import { openModelShelf } from './models.ts'
import type { OracleConfig } from './oracle-config.ts'
import type { OracleContext } from './oracle-context.ts'
import { keySeedOf, oracleKeys } from './oracle-keys.ts'
import { type RoundFacts, readRoundAt, readRoundFacts } from './round-facts.ts'
import { commitSheet, revealSheet } from './score.ts'
import { SEEN_UPDATES_MIGRATION } from './seen-updates.ts'
import { GUARD_MIGRATION } from './sheet-guard.ts'
import { voteOnAggregates, voteOnModel } from './vote.ts'

export type OracleOptions = {
  config: OracleConfig
  /** Behaves otherwise than an honest validator; for simulations. */
  behaviour?: OracleBehaviour
  /** Given: the caller owns the process. Absent: SIGTERM, SIGINT and the parent's messages stop the daemon. */
  signal?: AbortSignal
  /** Called when all that was due at a block is done. */
  onIdle?: (blockNumber: bigint) => void
}

/**
 * Runs a validator's oracle until it is told to stop: at each block it works out from the chain alone what it owes, does it, and posts
 * it once. It can be killed at any moment and goes on from its database.
 *
 * @throws FatalDaemonError for what no retry mends: a foreign database, another encryption key, a package of another task;
 * StoreLocationError unless the configuration names one store
 */
export async function runOracle({ config, behaviour = {}, signal, onIdle }: OracleOptions): Promise<void> {
  const location = storeLocation(config)
  let context: OracleContext | undefined
  let known: RoundFacts | undefined
  let isValidator = false

  const tick = async (daemon: DaemonContext, block: Block) => {
    context ??= await equip(daemon, { config, location }, behaviour)
    isValidator ||= await joinWhenAsked(context)
    if (!isValidator || context.behaviour.silent) return
    known = await work(context, block, known)
  }
  await runDaemon({
    role: 'oracle',
    config,
    migrations: [GUARD_MIGRATION, SEEN_UPDATES_MIGRATION],
    tick,
    stop: async () => context?.bench.close(),
    signal,
    onIdle,
  })
}

async function equip(
  daemon: DaemonContext,
  { config: settings, location }: { config: OracleConfig; location: StoreLocation },
  behaviour: OracleBehaviour,
): Promise<OracleContext> {
  const store = await openStore(location)
  const bench = openWorkbench({ ...settings, getBlob: (hash, maxBytes) => store.get(hash, { maxBytes }) })
  const keys = oracleKeys(settings.keySeed ?? keySeedOf(settings.privateKey))
  return {
    ...daemon,
    settings,
    store,
    bench,
    keys,
    behaviour,
    models: openModelShelf(daemon.reader, store, bench),
    noted: new Set(),
  }
}

/** One block's work. Chores first: others wait for them, and they are cheap. Returns the round's facts for the next block. */
async function work(
  context: OracleContext,
  block: Block,
  known: RoundFacts | undefined,
): Promise<RoundFacts | undefined> {
  const { reader, account, config } = context
  const { taskId } = config
  const state = await readRoundAt(reader, taskId, block.number)
  const facts = await factsOf()
  await keepRoundGoing(context, state, facts, block)
  const duty = dutyAt(state, Number(block.timestamp))
  if (facts === undefined || duty === undefined) return facts

  if (duty.kind === 'commit') await commitSheet(context, facts, duty)
  else if (duty.kind === 'reveal') await revealSheet(context, facts, duty.attempt)
  else if (duty.kind === 'voteAggregates') await voteOnAggregates(context, facts)
  else await voteOnModel(context, facts, block.number)
  return facts

  async function factsOf(): Promise<RoundFacts | undefined> {
    if (state.beacon === undefined || state.phase === 'Idle') return undefined
    if (!block.reorganised && known?.round === state.round && known.beacon === state.beacon) return known
    return readRoundFacts(reader, { taskId, state, validator: account.address })
  }
}
