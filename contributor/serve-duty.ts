import { recall, remember } from '@assay/daemon/database.ts'
import { STORES_MS, signalWithin } from '@assay/daemon/time-limit.ts'
import { writeStepCase } from '@assay/engine/run/step-case.ts'
import { ASSAY, amountText, ETHER } from '@assay/sdk/client/amounts.ts'
import {
  type CaseFacts,
  deliveryEndOf,
  isSaidByTwo,
  type PanelState,
  readingCosts,
  windowPenalty,
} from '@assay/sdk/protocol/cases.ts'
import { replayAssignments } from '@assay/sdk/protocol/cohorts.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { announceKeysCall } from '@assay/sdk/verbs/court/announce-keys.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { type CourtTerms, readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { JUROR_KEYS, readJurorKeys } from '@assay/sdk/verbs/court/read-juror.ts'
import { readSeats } from '@assay/sdk/verbs/court/read-seats.ts'
import { readSealedBeacon } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { encryptCaseEvidence, type KeyReader, writeCaseKeys } from '@assay/store/case-evidence.ts'
import { hashOf } from '@assay/store/sha256.ts'
import { BaseError, hexToBytes } from 'viem'
import { accusedWork } from './answer-duty.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'
import { appealConviction } from './defend-duty.ts'
import { evidenceOf } from './evidence-duty.ts'
import { fieldsOf, type Work } from './work-log.ts'

type Block = Moment['block']

/** Gas of an announcement, with room for another one after an appeal. */
const ANNOUNCE_GAS = 150_000n
/** Share of the time to deliver for which it is waited for the keys of all readers. */
const PATIENCE = 0.5

/**
 * Gives a window that was asked for to its readers: stores the evidence as soon as the case is open, encrypts its key to each drawn
 * reader, and announces that on chain, again for the panel of each appeal. What is withheld from readers costs stake, so whatever keeps
 * this from being done is an error in the log, and tried again at every block.
 *
 * @param at.cases against this contributor, while one of them is open
 */
export async function serveDuty(
  context: ContributorContext,
  { block, cases }: Pick<Moment, 'block'> & { cases: readonly CourtCase[] },
): Promise<void> {
  const asked = cases.filter(({ facts, state }) => facts.kind === 'windowWithheld' && !state.isClosed)
  if (asked.length === 0) return
  const terms = await readCourtTerms(context.reader)
  for (const one of asked) {
    try {
      await serve(context, one, { block, terms, cases })
    } catch (error) {
      // The node is asked again anyway. Anything else keeps no other duty from being done.
      if (error instanceof BaseError) throw error
      sayTrouble(context, one, error instanceof Error ? error.message : String(error))
    }
  }
}

type Serving = { block: Block; terms: CourtTerms; cases: readonly CourtCase[] }

async function serve(context: ContributorContext, one: CourtCase, serving: Serving): Promise<void> {
  const { behaviour } = context
  const { facts, state } = one
  await sayAsked(context, one, serving)
  const work = await accusedWork(context, one)
  if (work === undefined || behaviour.shouldShow?.(facts.subject, work.stateHashes) === false) return
  await requireDrawn(context, work, facts.subject)
  const { panel } = state
  if (panel === undefined || panel.status === 'drawing') await prepare(context, one, work)
  if (panel?.status === 'committing') await deliver(context, { ...one, work, panel }, serving)
  const purpose = `readers say in case ${one.caseId} that a window is withheld, which is here`
  if (panel?.status === 'ended') await appealConviction(context, one, { ...serving, purpose })
}

/**
 * Refuses a window that no draw has asked for. A node that lies can't see more windows of a round than with the audit's own draw: what is
 * on record of that counts, and what is shown first is on record.
 */
async function requireDrawn(
  { reader, works, params, account }: ContributorContext,
  work: Work,
  window: number,
): Promise<void> {
  const { taskId, round } = work
  const known = works.draw(taskId, round)
  if (known === undefined) {
    const beacon = await readSealedBeacon(reader, { taskId, round })
    const drawn = replayAssignments({
      beacon,
      contributor: account.address,
      windowsDrawn: params.replayWindows,
      totalWindows: params.windowsPerRound,
      seatCount: params.committeeSize,
      heldRounds: [],
    })
    works.keepDraw(work, { beacon, windows: drawn.map((one) => one.window) })
  }
  const { workId, windows = [] } = works.draw(taskId, round) ?? {}
  if (workId === work.id && windows.includes(window)) return
  throw new Error(
    `window ${window} of round ${round} is none of those that were drawn, ${windows.join(', ')}: the chain was reorganised across the seal, or the node lies. Use another node`,
  )
}

/** Stores the evidence, once a start: what keeps it away is known before the clock of the readers runs. */
async function prepare(context: ContributorContext, { caseId, facts }: CourtCase, work: Work): Promise<void> {
  if (context.told.isKnown('window stored', String(caseId))) return
  await storeEvidence(context, facts, work)
  context.told.isNews('window stored', String(caseId))
}

type Delivery = CourtCase & { work: Work; panel: PanelState }

async function deliver(
  context: ContributorContext,
  { caseId, facts, work, panel }: Delivery,
  { block, terms }: Serving,
): Promise<void> {
  const { reader, store, outbox, config, log, db } = context
  const name = {
    taskId: config.taskId,
    round: facts.round,
    duty: `serve/${caseId}/${panel.id}/${panel.drawnAt}`,
  }
  const endsAt = deliveryEndOf(panel, terms)
  const state = outbox.stateOf(name)
  if (state === 'sent' || state === 'mined') return requireStored(context, caseId, panel)
  const now = Number(block.timestamp)
  if (now >= endsAt) throw new Error(`the time to give it to these readers was over at ${isoTime(endsAt)}`)

  const { evidence, key } = await storeEvidence(context, facts, work)
  const readers = await readersOf(context, panel, block)
  const isShort = now >= panel.drawnAt + PATIENCE * (endsAt - panel.drawnAt)
  if (readers.length < panel.places.length && !isShort) {
    reader.logs?.forget(JUROR_KEYS)
    throw new Error(`the node has the keys of ${readers.length} of ${panel.places.length} readers only`)
  }
  const keysBlob = await store.put(writeCaseKeys(key, evidence, readers))
  // Before it is announced: from then on, this is what readers look for.
  remember(db, deliveredKey(caseId, panel), `${evidence} ${keysBlob}`)
  const call = announceKeysCall(reader.deployment, { caseId, panelId: panel.id, keysBlob })
  const result = await outbox.post({ ...name, call, endsAt, maxAttempts: 10 })
  if ('reason' in result) throw new Error(`the announcement was refused: ${result.reason}`)
  if (result.status === 'sent')
    log.warn(
      { round: facts.round, case: Number(caseId), window: facts.subject, readers: readers.length },
      'gave a window to the readers that were drawn for it',
    )
}

/** Offers what was announced once more to each store that lacks it, while readers look for it. */
async function requireStored(context: ContributorContext, caseId: bigint, panel: PanelState): Promise<void> {
  const { uploads, db } = context
  const inTime = () => ({ signal: signalWithin(context, STORES_MS) })
  const blobs = (recall(db, deliveredKey(caseId, panel)) ?? '').split(' ') as Hash[]
  const isThere = await Promise.all(blobs.map((hash) => uploads.isEverywhere(hash, inTime())))
  const missing = blobs.filter((_, i) => !isThere[i])
  if (missing.length === 0) return
  await Promise.all(missing.map((hash) => uploads.restore(hash, inTime())))
  throw new Error('a store does not have it: it is offered to that store again')
}

const deliveredKey = (caseId: bigint, { id, drawnAt }: PanelState) => `served/${caseId}/${id}/${drawnAt}`

/** The same bytes each time, so that a restart stores nothing else. */
async function storeEvidence(context: ContributorContext, facts: CaseFacts, work: Work) {
  const { taskId, round, subject, defendant } = facts
  const clear = writeStepCase({
    window: subject,
    fields: fieldsOf(work),
    sampleCount: (await context.data()).dataset.n,
    evidence: await evidenceOf(context, work, subject),
  })
  const { chainId } = context.reader.deployment
  const place = { chainId, kind: 'windowWithheld', taskId, round, subject, defendant } as const
  const { key, blob } = encryptCaseEvidence(clear, place)
  await context.store.put(blob)
  return { evidence: hashOf(blob), key }
}

/** The readers of a panel whose keys the node knows. */
async function readersOf(
  { reader }: ContributorContext,
  panel: PanelState,
  { number: blockNumber }: Block,
): Promise<KeyReader[]> {
  const [seats, keys] = await Promise.all([
    readSeats(reader, { panel, blockNumber }),
    readJurorKeys(reader, { blockNumber }),
  ])
  return seats.flatMap(({ juror }) => {
    const encryptionKey = keys.get(juror.toLowerCase())
    return encryptionKey === undefined ? [] : [{ juror, encryptionKey: hexToBytes(encryptionKey) }]
  })
}

// ---- what the operator is told

/** Once a start: what is asked, until when, what it costs, and whether the account can pay for the gas. */
async function sayAsked(
  { log, told, reader, account }: ContributorContext,
  { caseId, facts, state }: CourtCase,
  { block, terms }: Serving,
): Promise<void> {
  const { panel } = state
  const isDrawn = panel?.status === 'committing'
  if (!told.isNews(`asked for a window ${caseId}`, `${panel?.id} ${isDrawn}`)) return
  const reading = { contributorStake: facts.base, saidByTwo: isSaidByTwo(facts) }
  const { contributor } = readingCosts(reading, terms)
  const [atStake, cost] = [windowPenalty(facts.base), contributor].map((wei) => amountText(wei, ASSAY))
  const about = {
    round: facts.round,
    case: Number(caseId),
    window: facts.subject,
    challenger: facts.challenger,
  }
  const until = isDrawn ? isoTime(deliveryEndOf(panel, terms)) : undefined
  log.warn(
    { ...about, atStake, cost, ...(until && { until }) },
    'a validator says that it did not get a window of yours: readers are drawn who must get it. Keep this daemon, its stores and its node running until the case ends',
  )
  const needed = ANNOUNCE_GAS * 2n * block.baseFeePerGas
  const balance = await reader.chain.getBalance({ address: account.address })
  if (balance < needed)
    log.error(
      { ...about, balance: amountText(balance, ETHER), needed: amountText(needed, ETHER) },
      'the account has too little ETH to tell the readers where the window is: send it some now',
    )
}

/** Loud, once for each cause. */
function sayTrouble({ log, told }: ContributorContext, { caseId, facts }: CourtCase, reason: string): void {
  if (!told.isNews(`window not given ${caseId}`, reason)) return
  const atStake = amountText(windowPenalty(facts.base), ASSAY)
  log.error(
    { round: facts.round, case: Number(caseId), window: facts.subject, atStake, reason },
    'a window that was asked for can not be given to its readers now: stake is lost unless this is mended in time; it is tried again at every block',
  )
}

const isoTime = (seconds: number) => new Date(1_000 * seconds).toISOString()
