import type { Block } from '@assay/daemon/clock.ts'
import { type ScriptedEvent, scriptedReader } from '@assay/daemon/fixtures/scripted-chain.ts'
import type { PostRequest } from '@assay/daemon/outbox.ts'
import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { serializeState } from '@assay/engine/package/state.ts'
import { replayWindow } from '@assay/engine/run/replay.ts'
import { maxStepCaseBytes, provenStepOf, readStepCase, windowOfCase } from '@assay/engine/run/step-case.ts'
import { iAccusationsAbi } from '@assay/sdk/generated/IAccusations.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { iJuryAbi } from '@assay/sdk/generated/IJury.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { CASE_KINDS, PANEL_STATUSES, type PanelStatus } from '@assay/sdk/protocol/cases.ts'
import { decrypt, generateEncryptionKeys } from '@assay/sdk/protocol/encryption.ts'
import { EVIDENCE_MISSING } from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed, replayWindow as drawnWindow } from '@assay/sdk/protocol/sampling.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import {
  CASE_EVIDENCE_OVERHEAD_BYTES,
  caseKeyFor,
  decryptCaseEvidence,
  evidenceOfKeys,
  juryContext,
  MAX_CASE_KEYS_BYTES,
} from '@assay/store/case-evidence.ts'
import { expect } from 'chai'
import { decodeFunctionData, erc20Abi, getAddress, parseEther, toHex, zeroHash } from 'viem'
import { COURT_CALLS, DRAWN_AT, DRAWN_PANEL, JURY_CALLS, STORED } from './fixtures/court-answers.ts'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'
import { openCasesAgainst } from './own-cases.ts'
import { serveDuty } from './serve-duty.ts'
import { ensureWork } from './work.ts'
import type { Work } from './work-log.ts'

const CHALLENGER = getAddress(`0x${'c0'.repeat(20)}`)
const READERS = [1, 2, 3].map((n) => getAddress(`0x${`d${n}`.repeat(20)}`))
const BEACON = seedOf('drawn by')
const CASE = 3n
const PANEL = 5n
/** Commitments take 600 s, so a window counts for the first 300. */
const DEADLINE = 1_300
const EARNINGS = { matured: 0n, pending: 0n, held: 0n, seized: 0n, nextMaturesAt: undefined, cases: 1 }

type Asked = {
  status?: PanelStatus
  window?: number
  time?: number
  balance?: bigint
  /** Readers whose public key the node knows. */
  known?: number
  /** How many seats say that it was withheld from them. */
  saidBy?: 1 | 2
  changes?: object
}

describe('a contributor that is asked for a window', () => {
  let place: Workplace
  let context: OpenContext
  let work: Work
  let window: number
  let other: number
  let posted: PostRequest[]
  let said: { level: string; fields: Record<string, unknown>; text: string }[]
  let dutyState: string

  before(async () => {
    place = await makeWorkplace()
    context = await place.open()
    const { spec, init } = place.contents
    const baseModelHash = blobHash(serializeState(spec, init))
    work = (await ensureWork(context, { round: 1, baseModelHash, previousBeacon: seedOf('beacon') }, 0))!
    const { windowsPerRound: totalWindows, replayWindows } = context.params
    const draw = { beacon: BEACON, contributor: context.account.address, totalWindows }
    const drawn = Array.from({ length: replayWindows }, (_, i) => drawnWindow({ ...draw, i }))
    window = drawn[0]!
    other = Array.from({ length: totalWindows }, (_, i) => i).find((i) => !drawn.includes(i))!
  })
  beforeEach(() => {
    posted = []
    said = []
    dutyState = 'none'
    for (const subject of [`asked for a window ${CASE}`, `window not given ${CASE}`, 'window stored'])
      context.told.forget(subject)
  })
  after(async () => {
    await context.close()
    await place.remove()
  })

  it('stores it as soon as it is asked, and says so, before anybody is drawn', async () => {
    await serve({ status: 'drawing' })
    expect(posted).to.deep.equal([])
    expect(said).to.have.length(1)
    expect(said[0]!.level).to.equal('warn')
    expect(said[0]!.text).to.include('readers are drawn who must get it')
    expect(said[0]!.fields).to.include({ window, case: 3, atStake: '1 ASSAY', cost: '0.5 ASSAY' })
    await serve({ status: 'drawing' })
    expect(said).to.have.length(1)
  })

  it('hears that it costs nothing to give what one seat alone says it did not get', async () => {
    await serve({ status: 'drawing', saidBy: 1 })
    expect(said[0]!.fields).to.include({ atStake: '1 ASSAY', cost: '0 ASSAY' })
  })

  it('gives it to each drawn reader and to nobody else, and announces that until the deadline', async () => {
    await serve({})
    const [{ call, ...name }] = posted as [PostRequest]
    const duty = `serve/${CASE}/${PANEL}/${DRAWN_AT}`
    expect(name).to.deep.equal({ taskId: 1n, round: 1, duty, endsAt: DEADLINE, maxAttempts: 10 })
    const { functionName, args } = decodeFunctionData({ abi: iAccusationsAbi, data: call.data })
    expect([functionName, args?.[0], args?.[1]]).to.deep.equal(['announceKeys', CASE, PANEL])
    for (const n of [1, 2, 3]) await requireReadable(n, args?.[2] as Hash)
    const keys = await context.store.get(args?.[2] as Hash, { maxBytes: MAX_CASE_KEYS_BYTES })
    expect(caseKeyFor(keys, CHALLENGER)).to.equal(undefined)
    expect(said.map(({ text }) => text)).to.include('gave a window to the readers that were drawn for it')

    // A restart makes the same bytes again.
    await serve({})
    expect(posted[1]!.call.data).to.equal(call.data)
  })

  it('announces it once, and offers again what a store has lost since', async () => {
    await serve({})
    dutyState = 'mined'
    await serve({})
    expect(posted).to.have.length(1)
    const restored: Hash[] = []
    const uploads = {
      isEverywhere: async () => false,
      restore: async (hash: Hash) => void restored.push(hash),
    }
    await serve({ changes: { uploads } })
    const keysBlob = decodeFunctionData({ abi: iAccusationsAbi, data: posted[0]!.call.data })
      .args?.[2] as Hash
    const keys = await context.store.get(keysBlob, { maxBytes: MAX_CASE_KEYS_BYTES })
    expect(restored).to.deep.equal([evidenceOfKeys(keys), keysBlob])
    expect(lastError()).to.include({ reason: 'a store does not have it: it is offered to that store again' })
  })

  it('waits for readers whose key the node lacks, but not for the whole time', async () => {
    await serve({ known: 2, time: DRAWN_AT + 149 })
    expect(posted).to.deep.equal([])
    expect(lastError()).to.include({ reason: 'the node has the keys of 2 of 3 readers only', window })
    await serve({ known: 2, time: DRAWN_AT + 150 })
    expect(posted).to.have.length(1)
  })

  it('says loudly what keeps it from that, once for each cause, and tries again', async () => {
    const put = async () => Promise.reject(new StoreError('full', 'no room'))
    const changes = { store: { ...context.store, put } }
    await serve({ changes })
    await serve({ changes })
    expect(said.filter(({ level }) => level === 'error')).to.have.length(1)
    expect(lastError()).to.include({ reason: 'no room', atStake: '1 ASSAY' })
    await serve({ time: DEADLINE })
    expect(lastError()!.reason).to.include('the time to give it to these readers was over')
    expect(posted).to.deep.equal([])
    await serve({})
    expect(posted).to.have.length(1)
  })

  it('says early that the account has too little ETH for the announcement', async () => {
    await serve({ status: 'drawing', balance: 1n })
    expect(said.at(-1)).to.deep.include({ level: 'error' })
    expect(said.at(-1)!.text).to.include('too little ETH')
  })

  it('shows no window that was not drawn: a node that lies could ask for all', async () => {
    await serve({ window: other })
    expect(posted).to.deep.equal([])
    expect(lastError()!.reason).to.include(`window ${other} of round 1 is none of those that were drawn`)
  })

  it('appeals within its budget where readers say that it is withheld', async () => {
    await serve({ status: 'ended', time: 2_000 })
    expect(posted).to.deep.equal([])
    const config = { ...context.config, courtBudgetWei: parseEther('40') }
    await serve({ status: 'ended', time: 2_000, changes: { config } })
    expect(posted.map(({ duty }) => duty)).to.deep.equal([`appeal/${CASE}/0`])
  })

  it('does nothing where it withholds on purpose, or no case is open', async () => {
    await serve({ changes: { behaviour: { shouldShow: () => false } } })
    expect(posted).to.deep.equal([])
    const stand = { ...context, reader: undefined } as unknown as OpenContext
    const cases = await openCasesAgainst(stand, { block: blockAt(0), earnings: { ...EARNINGS, cases: 0 } })
    await serveDuty(stand, { block: blockAt(0), cases })
  })

  function lastError() {
    return said.findLast(({ level }) => level === 'error')?.fields
  }

  /** As a reader: decrypts the window, proves it against the commitment and trains it again. */
  async function requireReadable(n: number, keysBlob: Hash): Promise<void> {
    const { account, reader, store } = context
    const { spec } = place.contents
    const keys = await store.get(keysBlob, { maxBytes: MAX_CASE_KEYS_BYTES })
    const evidence = evidenceOfKeys(keys)
    const aad = juryContext(evidence, READERS[n - 1]!)
    const key = decrypt(keysOf(n).secretKey, caseKeyFor(keys, READERS[n - 1]!)!, aad)
    const maxBytes = maxStepCaseBytes(spec) + CASE_EVIDENCE_OVERHEAD_BYTES
    const { chainId } = reader.deployment
    const about = { chainId, kind: 'windowWithheld', taskId: 1n, round: 1, subject: window } as const
    const blob = await store.get(evidence, { maxBytes })
    const shown = readStepCase(spec, decryptCaseEvidence(blob, key, { ...about, defendant: account.address }))
    const seedPlace = { taskId: 1n, round: 1, contributor: account.address }
    const seed = batchSeed({ ...seedPlace, previousBeacon: work.previousBeacon })
    const { before, afterwards } = provenStepOf(spec, shown, seed)
    const engine = await context.bench.engine(context.params.specHash)
    const start = place.contents.init
    const accused = windowOfCase(spec, shown, { window, round: 1, batchSeed: seed, start, before })
    expect((await replayWindow({ engine, ...accused })).hash).to.equal(afterwards)
  }

  /** Does the duty at a block with one case. */
  async function serve({ time = DRAWN_AT + 1, changes = {}, ...asked }: Asked): Promise<void> {
    const say = (level: string) => (fields: Record<string, unknown>, text: string) =>
      void said.push({ level, fields, text })
    const outbox = {
      post: async (request: PostRequest) => {
        posted.push(request)
        return { status: 'sent', hash: zeroHash }
      },
      stateOf: () => dutyState,
    }
    const log = { info: say('info'), warn: say('warn'), error: say('error') }
    const uploads = { isEverywhere: async () => true }
    const reader = readerOf(asked)
    const stand = { ...context, reader, outbox, log, uploads, ...changes } as unknown as OpenContext
    const cases = await openCasesAgainst(stand, { block: blockAt(time), earnings: EARNINGS })
    await serveDuty(stand, { block: blockAt(time), cases })
  }

  function readerOf({ status = 'committing', balance = parseEther('1'), ...asked }: Asked) {
    const { deployment } = context.reader
    const { contracts } = deployment
    const drawn = status === 'drawing' ? { drawn: 0n, drawnAt: 0 } : {}
    const ofCourt = {
      ...COURT_CALLS,
      caseOf: () => ({ ...STORED, panelIds: [Number(PANEL), 0, 0] }),
      appealBond: () => parseEther('40'),
    }
    const ofJury = {
      ...JURY_CALLS,
      statusOf: () => PANEL_STATUSES.indexOf(status),
      panelOf: () => ({ ...DRAWN_PANEL, ...drawn }),
      revealEndOf: () => BigInt(DRAWN_AT + 900),
      seatOf: (_: bigint, seat: bigint) => [1, READERS[Number(seat) - 1], 256n, zeroHash],
      reportOf: () => EVIDENCE_MISSING,
    }
    const ofToken = { balanceOf: () => parseEther('100'), allowance: () => parseEther('100') }
    return scriptedReader(deployment, {
      contracts: [
        { address: contracts.court, abi: iCourtAbi, calls: ofCourt },
        { address: contracts.jury, abi: iJuryAbi, calls: ofJury },
        { address: contracts.assayToken, abi: erc20Abi, calls: ofToken },
      ],
      balance,
      events: [
        sealed(contracts.rounds),
        opened(contracts.court, asked.window ?? window, asked.saidBy ?? 2),
        ...READERS.slice(0, asked.known ?? 3).map((juror, i) => joined(contracts.court, juror, i + 1)),
      ],
    })
  }

  function opened(address: Hash, subject: number, saidBy: 1 | 2): ScriptedEvent {
    const defendant = context.account.address
    const facts = {
      kind: CASE_KINDS.indexOf('windowWithheld'),
      taskId: 1n,
      round: 1,
      subject,
      challenger: CHALLENGER,
      bond: parseEther('20'),
      defendant,
      base: parseEther('10'),
      accused: work.commitment,
      context: toHex(saidBy - 1, { size: 32 }),
      evidence: zeroHash,
      committee: 0n,
      committedAt: 1n,
    }
    const args = { caseId: CASE, taskId: 1n, defendant, facts }
    return { address, abi: iCourtAbi, eventName: 'CaseOpened', args, block: 8n }
  }
})

const keysOf = (n: number) => generateEncryptionKeys(new Uint8Array(32).fill(n))

function joined(address: Hash, juror: Hash, n: number): ScriptedEvent {
  const args = { juror, stake: 1n, encryptionKey: toHex(keysOf(n).publicKey) }
  return { address, abi: iCourtAbi, eventName: 'JurorJoined', args, block: 2n }
}

function sealed(address: Hash): ScriptedEvent {
  const args = { taskId: 1n, round: 1, beacon: BEACON }
  return { address, abi: iRoundsAbi, eventName: 'RoundSealed', args, block: 5n }
}

function blockAt(time: number): Block {
  return { number: 9n, timestamp: BigInt(time), baseFeePerGas: 1_000_000_000n } as Block
}
