import { stateProof } from '@assay/engine/package/state.ts'
import { updateFile } from '@assay/engine/run/update.ts'
import { type RoundBasis, readRoundBasis } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { signOpening } from '@assay/store/opening-record.ts'
import { openingKey } from '@assay/store/records.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'
import { submitDutyName } from './submit-duty.ts'
import { type Basis, borderOf, ensureWork } from './work.ts'
import type { Work } from './work-log.ts'

/**
 * After the seal, when nobody can submit any more: publishes the update's blob and the opening of its commitment. Until
 * then nobody can compute the blob's hash.
 *
 * @returns the work that the chain accepted; undefined if there is none, or a behaviour doesn't open it
 */
export async function openDuty(
  context: ContributorContext,
  { round, me }: Moment,
): Promise<Work | undefined> {
  if (me.lastRound !== round.round) return undefined
  const work = await acceptedWork(context, round.round, async () => round)
  if (!work || context.behaviour.shouldOpen?.(work.round) === false) return undefined
  if (work.opened) return work

  await publishOpening(context, work)
  context.works.markOpened(work)
  context.log.info({ round: work.round, update: work.updateHash }, 'opened')
  return work
}

async function publishOpening(context: ContributorContext, work: Work): Promise<void> {
  const { store, bench, params } = context
  const { spec } = await bench.package(params.specHash)
  const final = await borderOf(context, work, work.stateHashes.length - 1)
  const update = updateFile(spec, final)
  await store.put(update)
  await store.putRecord(openingKey(work.commitment), await openingOf(context, work, update.sizeBytes))
}

/**
 * The work whose commitment is on chain. Usually the outbox knows it. If the database was lost, or somebody relayed the
 * submission, the commitment comes from its event, and the work is done again if need be.
 *
 * @param readBasis what the round's training started from; asked only if the outbox doesn't know the work
 */
export async function acceptedWork(
  context: ContributorContext,
  round: number,
  readBasis: () => Promise<Basis & { span?: RoundBasis['span'] }>,
): Promise<Work | undefined> {
  const { works, outbox, config, reader, account, log } = context
  const { taskId } = config
  const kept = works.works(taskId, round)
  const posted = kept.filter(
    (work) => outbox.stateOf({ taskId, round, duty: submitDutyName(work) }) === 'mined',
  )
  if (posted.length === 1) return posted[0]

  const basis = await readBasis()
  const { span } = basis
  const submissions = await readSubmissions(reader, { taskId, round, ...(span && { span }) })
  const own = submissions.find(
    ({ contributor }) => contributor.toLowerCase() === account.address.toLowerCase(),
  )
  const known = kept.find(({ commitment }) => commitment === own?.commitment)
  if (known || !own) return known
  const repeated = await ensureWork(context, basis, Number.MAX_SAFE_INTEGER)
  if (repeated?.commitment === own.commitment) return repeated
  log.error(
    { round, commitment: own.commitment },
    'the commitment on chain was not made from this key, these samples, this package and what trains here; restore the data directory to open it',
  )
  return undefined
}

/**
 * The accepted work of an earlier round, for the final audit, which draws windows of rounds that pay is held of. Its
 * opening is published again: this disk may have forgotten it and takes no evidence without it, and without it in a
 * store nobody can check these windows.
 */
export async function earlierWork(context: ContributorContext, round: number): Promise<Work | undefined> {
  const { reader, config } = context
  const basis = () => readRoundBasis(reader, { taskId: config.taskId, round })
  const work = await acceptedWork(context, round, basis)
  if (work !== undefined) await publishOpening(context, work)
  return work
}

function openingOf(
  { reader, account }: ContributorContext,
  work: Work,
  updateSizeBytes: number,
): Promise<Uint8Array> {
  const { taskId, round, baseModelHash, updateHash, stateRoot, steps, dataRoot, salt, stateHashes } = work
  const last = stateHashes.length - 1
  const opening = {
    chainId: reader.deployment.chainId,
    rounds: reader.deployment.contracts.rounds,
    taskId,
    round,
    contributor: account.address,
    baseModelHash,
    updateHash,
    stateRoot,
    steps,
    dataRoot,
    salt,
    updateSizeBytes,
    finalState: { stateHash: stateHashes[last]!, proof: stateProof(stateHashes, last) },
  }
  return signOpening(opening, account)
}
