import { toleranceOf } from '@assay/engine/package/mode.ts'
import { makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import {
  auditedMembers,
  cohortPlace,
  cohortSeats,
  type DrawnWindow,
  replayAssignments,
  windowReaders,
} from '@assay/sdk/protocol/cohorts.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { joinLogs, readEncryptionKeys } from '@assay/sdk/verbs/tasks/read-encryption-keys.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { type EncryptedBlob, signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { encryptEvidence, encryptEvidenceKey } from '@assay/store/evidence-encryption.ts'
import { evidenceKey as recordKey } from '@assay/store/records.ts'
import { type Address, type Hex, hexToBytes, keccak256, type LocalAccount, toHex } from 'viem'
import type { ContributorContext, Moment } from './contributor-context.ts'
import { earlierWork } from './open-duty.ts'
import { borderOf } from './work.ts'
import type { Draw, Work } from './work-log.ts'

/** A window of the contributor's own work, of this round or a held one, and the validators whose seats read it. */
type Request = DrawnWindow & { validators: Address[] }

/** The evidence that a contributor owes, by the chain's state. */
type Demand = Draw & { requests: Request[] }

const REDRAW_PHASES = ['RedrawCommit', 'RedrawReveal']

/**
 * After the opening: publishes the evidence of each drawn window, encrypted once, and its key, encrypted to each of the
 * seats that read it. Nothing else of the contributor's samples ever leaves the machine: only the batches of drawn
 * windows, readable by three validators each, and by three more after a redraw. In a task's last round windows of held
 * rounds are drawn, too; they come last, because their training may have to be repeated.
 *
 * Beacon, roster and keys come from the node. A node that lies can get the windows of one draw encrypted to itself, but
 * never more than `replayWindows` of them a round: the first draw that is answered is recorded on disk, and no other
 * draw of that round is answered. An honest contributor may pay for this. If the chain is reorganised across the
 * beacon's block after the first answer, the new seats get no evidence, and the contributor loses this round's pay. The
 * seal comes at least one block after the beacon's block, so this takes a reorganisation of two blocks or more. Waiting
 * for more blocks would shorten every round's Open phase.
 */
export async function evidenceDuty(context: ContributorContext, moment: Moment, work: Work): Promise<void> {
  const { works, log, reader } = context
  const demand = await readDemand(context, moment)
  if (!demand) return
  const open = openRequests(context, work, demand)
  if (open.length === 0) return
  const answered = works.draw(work.taskId, work.round)
  if (answered && !isSameDraw(answered, { ...demand, workId: work.id })) {
    log.warn(
      { round: work.round, answeredBeacon: answered.beacon, beacon: demand.beacon },
      'evidence for another draw of this round was published already, so no further window is shown: the chain was reorganised across the seal, or the node lies',
    )
    return
  }

  const keys = await readEncryptionKeys(reader, { taskId: work.taskId })
  const inOrder = open.toSorted((a, b) => Number(a.heldRound ?? 0) - Number(b.heldRound ?? 0))
  const failures: unknown[] = []
  for (const request of inOrder) {
    try {
      await answer(context, { work, demand, request }, keys)
    } catch (error) {
      // What can't be shown of one round is asked for again later. It keeps nobody from the windows of another.
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}

/**
 * What isn't answered yet, and is to be. A window of a held round may have been shown in that round: whatever kept its
 * audit away may also have kept that from the stores, or lost it since.
 */
export function openRequests(
  { works }: Pick<ContributorContext, 'works'>,
  work: Work,
  { requests }: Pick<Demand, 'requests'>,
): Request[] {
  return requests
    .map((request) => {
      const { heldRound, window, validators } = request
      const own = heldRound === undefined ? [work] : works.works(work.taskId, heldRound)
      const isAnswered = (validator: Address) =>
        own.some((kept) => works.isAnswered(kept, { drawRound: work.round, window, validator }))
      return { ...request, validators: validators.filter((one) => !isAnswered(one)) }
    })
    .filter(({ validators }) => validators.length > 0)
}

type OwnDraw = Draw & { workId: number }

function isSameDraw(one: OwnDraw, other: OwnDraw): boolean {
  return one.workId === other.workId && one.beacon === other.beacon && `${one.windows}` === `${other.windows}`
}

/** The drawn windows, and who reads them, by the chain's state; undefined if the update isn't audited. */
async function readDemand(
  context: ContributorContext,
  { block, round, me }: Moment,
): Promise<Demand | undefined> {
  const { config, account, params, reader } = context
  const { beacon } = round
  const contributor = account.address
  if (beacon === undefined) return undefined
  const isLastRound = round.round >= params.maxRounds
  const [audited] = auditedMembers({ beacon, isLastRound, members: [{ contributor, ...me }] })
  if (!audited) return undefined

  const draw = {
    beacon,
    contributor,
    windowsDrawn: params.replayWindows,
    totalWindows: params.windowsPerRound,
  }
  const assignments = replayAssignments({
    ...draw,
    seatCount: params.committeeSize,
    heldRounds: isLastRound ? me.heldRounds : [],
  })
  const place = cohortPlace({ beacon, count: round.submissions, index: me.index })
  if (!place) return undefined
  const { cohort } = place
  const { validators, weights } = await readRoster(reader, {
    taskId: config.taskId,
    blockNumber: block.number,
  })
  const attempts: (0 | 1)[] =
    REDRAW_PHASES.includes(round.phase) && (await isRedrawn(context, cohort, block.number)) ? [0, 1] : [0]
  const { committeeSize } = params
  const committees = attempts.map((attempt) =>
    cohortSeats({ beacon, cohort, attempt, weights, committeeSize }),
  )
  const requests = assignments.map(({ seat, ...drawn }) => ({
    ...drawn,
    validators: committees.flatMap((seats) =>
      windowReaders(seat, committeeSize).flatMap((reader) => validators[seats[reader]!] ?? []),
    ),
  }))
  const windows = assignments.map(({ window, heldRound }) =>
    heldRound === undefined ? window : `${heldRound}/${window}`,
  )
  return { beacon, windows, requests }
}

/** Whether too few of a cohort's first seats revealed, so that new ones are drawn. */
async function isRedrawn(
  { reader, config, params }: ContributorContext,
  cohort: number,
  blockNumber: bigint,
): Promise<boolean> {
  const { attempt, revealed, settled, isVoid } = await readCohort(reader, {
    taskId: config.taskId,
    cohort,
    blockNumber,
  })
  if (settled || isVoid) return false
  return attempt > 0 || 2 * revealed <= params.committeeSize
}

/** Shows one window to those who read it. What keeps one of them from it keeps no other. */
export async function answer(
  context: ContributorContext,
  { work, demand, request }: { work: Work; demand: Demand; request: Request },
  encryptionKeys: ReadonlyMap<Address, Hex>,
): Promise<void> {
  const { store, works, account, behaviour, secrets, log } = context
  const { window, validators, heldRound } = request
  const asked = heldRound === undefined ? work : await earlierWork(context, heldRound)
  if (asked === undefined || behaviour.shouldShow?.(window, asked.stateHashes) === false) return
  const place = { commitment: asked.commitment, window }
  const evidence = await evidenceOf(context, asked, window)
  const evidenceKey = secrets.evidenceKey(place, evidence)
  const encrypted = encryptEvidence(evidence, evidenceKey, place)
  works.keepDraw(work, demand) // before anything is published
  const blob = await store.put(encrypted)
  for (const validator of validators) {
    const encryptionKey = await currentKey(context, work, validator, encryptionKeys)
    if (encryptionKey === undefined) continue
    const encryptedKey = encryptEvidenceKey(evidenceKey, { validator, encryptionKey }, place)
    const name = { key: recordKey(asked.commitment, window, validator), signer: account }
    const refusal =
      encryptedKey === undefined
        ? 'nobody can encrypt to its public key'
        : await publishKey(store, name, {
            blob,
            sizeBytes: encrypted.length,
            encryptedKey: toHex(encryptedKey),
          })
    works.markAnswered(asked, { drawRound: work.round, window, validator }, refusal ?? blob)
    const about = { round: asked.round, window, validator }
    if (refusal === undefined) log.info(about, 'evidence published')
    else log.warn({ ...about, reason: refusal }, 'no evidence for this validator')
  }
}

/** @returns why this reader gets none, for good: it got evidence of a held round under a key that it no longer has */
async function publishKey(
  store: BlobStore,
  { key, signer }: { key: string; signer: LocalAccount },
  record: EncryptedBlob,
): Promise<string | undefined> {
  try {
    await store.putRecord(key, await signEncryptedBlob(key, record, signer))
    return undefined
  } catch (error) {
    if (error instanceof StoreError && error.code === 'record-taken') return error.message
    throw error
  }
}

/** The public key that a validator joined with; undefined while the node's log lacks the one that the chain knows. */
async function currentKey(
  context: ContributorContext,
  work: Work,
  validator: Address,
  encryptionKeys: ReadonlyMap<Address, Hex>,
): Promise<Uint8Array | undefined> {
  const encryptionKey = encryptionKeys.get(validator)
  if (encryptionKey && (await isCurrentKey(context, validator, encryptionKey)))
    return hexToBytes(encryptionKey)
  // Nobody could read evidence under a wrong key. The node may still lack the event with the new one.
  context.reader.logs?.forget(joinLogs(work.taskId))
  context.log.warn(
    { round: work.round, validator },
    "the validator's encryption key does not match its hash on chain",
  )
  return undefined
}

function isCurrentKey(
  { reader, config }: ContributorContext,
  validator: Address,
  encryptionKey: Hex,
): Promise<boolean> {
  return reader.chain
    .readContract({
      address: reader.deployment.contracts.tasks,
      abi: iTasksAbi,
      functionName: 'encryptionKeyHashOf',
      args: [config.taskId, validator],
    })
    .then((hash) => hash === keccak256(encryptionKey))
}

/** The evidence of a window of the contributor's own work. */
export async function evidenceOf(
  context: ContributorContext,
  work: Work,
  window: number,
): Promise<Uint8Array> {
  const { spec } = await context.bench.package(context.params.specHash)
  const { dataset, secret, tree } = await context.data()
  const place = { taskId: work.taskId, round: BigInt(work.round), contributor: context.account.address }
  return makeWindowEvidence({
    spec,
    window,
    stateHashes: work.stateHashes,
    start: await borderOf(context, work, 0),
    stateBefore: await borderOf(context, work, window),
    stateAfter: toleranceOf(spec) && (await borderOf(context, work, window + 1)),
    data: dataset,
    secret,
    tree,
    batchSeed: batchSeed({ ...place, previousBeacon: work.previousBeacon }),
  })
}
