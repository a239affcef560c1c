import { makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import {
  auditedMembers,
  cohortPlace,
  cohortSeats,
  type DrawnWindow,
  replayAssignments,
} from '@assay/sdk/protocol/cohorts.ts'
import { EncryptionError, encryptTo } from '@assay/sdk/protocol/encryption.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { joinLogs, readEncryptionKeys } from '@assay/sdk/verbs/tasks/read-encryption-keys.ts'
import { signEvidence } from '@assay/store/evidence-record.ts'
import { evidenceKey } from '@assay/store/records.ts'
import { type Address, hexToBytes, keccak256 } from 'viem'
import type { ContributorContext, Moment } from './contributor-context.ts'
import { earlierWork } from './open-duty.ts'
import { borderOf } from './work.ts'
import type { Draw, Work } from './work-log.ts'

/** A window of the contributor's own work, of this round or a held one, and the validator whose seat must replay it. */
type Request = DrawnWindow & { validator: Address }

/** The evidence that a contributor owes, by the chain's state. */
type Demand = Draw & { requests: Request[] }

const REDRAW_PHASES = ['RedrawCommit', 'RedrawReveal']

/**
 * After the opening: encrypts the evidence of each drawn window to the seat that replays it, and publishes it. Nothing
 * else of the contributor's samples ever leaves the machine: only the batches of drawn windows, readable by one
 * validator each. In a task's last round windows of held rounds are drawn, too; they come last, because their training
 * may have to be repeated.
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
  const open = demand?.requests.filter((request) => !isAnswered(context, work, request))
  if (!demand || !open?.length) return
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
      await answer(context, { work, demand, request }, keys.get(request.validator))
    } catch (error) {
      // What can't be shown of one round is asked for again later. It keeps nobody from the windows of another.
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}

function isAnswered({ works }: ContributorContext, work: Work, request: Request): boolean {
  const { heldRound, window, validator } = request
  const own = heldRound === undefined ? [work] : works.works(work.taskId, heldRound)
  return own.some((one) => works.isAnswered(one, window, validator))
}

type OwnDraw = Draw & { workId: number }

function isSameDraw(one: OwnDraw, other: OwnDraw): boolean {
  return one.workId === other.workId && one.beacon === other.beacon && `${one.windows}` === `${other.windows}`
}

/** The drawn windows, and who replays them, by the chain's state; undefined if the update isn't audited. */
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
  const requests = attempts.flatMap((attempt) => {
    const seats = cohortSeats({ beacon, cohort, attempt, weights, committeeSize: params.committeeSize })
    return assignments.flatMap(({ window, heldRound, seat }) => {
      const validator = validators[seats[seat]!]
      return validator ? [{ window, heldRound, validator }] : []
    })
  })
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

async function answer(
  context: ContributorContext,
  { work, demand, request }: { work: Work; demand: Demand; request: Request },
  encryptionKey: `0x${string}` | undefined,
): Promise<void> {
  const { store, works, account, behaviour, log } = context
  const { window, validator, heldRound } = request
  const usable = encryptionKey && (await isCurrentKey(context, validator, encryptionKey))
  if (!usable) {
    // Nobody could read evidence under a wrong key. The node may still lack the event with the new one.
    context.reader.logs?.forget(joinLogs(work.taskId))
    log.warn(
      { round: work.round, validator },
      "the validator's encryption key does not match its hash on chain",
    )
    return
  }
  const asked = heldRound === undefined ? work : await earlierWork(context, heldRound)
  if (asked === undefined || behaviour.shouldShow?.(window, asked.stateHashes) === false) return
  const key = evidenceKey(asked.commitment, window, validator)
  const encrypted = encrypt(context, key, hexToBytes(encryptionKey), await evidenceOf(context, asked, window))
  if (encrypted instanceof EncryptionError) {
    log.warn({ round: work.round, validator, reason: encrypted.message }, 'no evidence for this validator')
    works.markAnswered(asked, window, validator, encrypted.message)
    return
  }
  works.keepDraw(work, demand) // before anything is published
  const blob = await store.put(encrypted)
  await store.putRecord(key, await signEvidence({ key, encrypted, account }))
  works.markAnswered(asked, window, validator, blob)
  log.info({ round: asked.round, window, validator }, 'evidence published')
}

function isCurrentKey(
  { reader, config }: ContributorContext,
  validator: Address,
  encryptionKey: `0x${string}`,
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

/** Encrypts with derived randomness: the same input gives the same bytes, so that a restart publishes nothing new. */
function encrypt(
  context: ContributorContext,
  key: string,
  publicKey: Uint8Array,
  message: Uint8Array,
): Uint8Array | EncryptionError {
  try {
    return encryptTo(publicKey, message, key, context.secrets.encryption(key, publicKey, message))
  } catch (error) {
    if (error instanceof EncryptionError) return error
    throw error
  }
}

async function evidenceOf(context: ContributorContext, work: Work, window: number): Promise<Uint8Array> {
  const { spec } = await context.bench.package(context.params.specHash)
  const { dataset, secret } = await context.data()
  const place = { taskId: work.taskId, round: BigInt(work.round), contributor: context.account.address }
  return makeWindowEvidence({
    spec,
    window,
    stateHashes: work.stateHashes,
    stateBefore: await borderOf(context, work, window),
    data: dataset,
    secret,
    batchSeed: batchSeed({ ...place, previousBeacon: work.previousBeacon }),
  })
}
