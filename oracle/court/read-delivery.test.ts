import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scriptedReader } from '@assay/daemon/fixtures/scripted-chain.ts'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import { iAccusationsAbi } from '@assay/sdk/generated/IAccusations.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import type { CaseFacts, PanelState } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { encryptCaseEvidence, writeCaseKeys } from '@assay/store/case-evidence.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { hashOf } from '@assay/store/sha256.ts'
import { expect } from 'chai'
import { getAddress, toHex, zeroHash } from 'viem'
import { openDocket } from '../docket.ts'
import type { OracleContext } from '../oracle-context.ts'
import { oracleKeys } from '../oracle-keys.ts'
import { ForeignKeyError, fetchDelivered } from './read-delivery.ts'

const account = (n: number) => getAddress(`0x${n.toString(16).padStart(2, '0').repeat(20)}`)
const [READER, DEFENDANT, STRANGER] = [account(0xa1), account(0xd1), account(0x51)]
const KEYS = oracleKeys(`0x${'5e'.repeat(32)}`)
const EVIDENCE = new TextEncoder().encode('the window')
const CHAIN_ID = 7
const CONTRACTS = { court: account(0xc0), accusations: account(0xac) }
const [CASE, PANEL] = [3n, 5n]
/** Commitments take 600 s, so what is announced from 1,300 on is late. Block n has the time 1,000 + n. */
const DRAWN = { id: PANEL, status: 'committing', drawnAt: 1_000, endsAt: 1_900, places: [1] } as const
const LAST_IN_TIME = 299n
const FACTS: CaseFacts = {
  kind: 'windowWithheld',
  taskId: 1n,
  round: 4,
  subject: 2,
  challenger: account(0xc4),
  bond: 0n,
  defendant: DEFENDANT,
  base: 0n,
  accused: zeroHash,
  context: zeroHash,
  evidence: zeroHash,
  committee: 0n,
  committedAt: 1n,
}

type Said = { block: bigint; keysBlob: Hash; sender?: `0x${string}` }

describe('what a reader takes for a window', () => {
  let dir: string
  let store: BlobStore
  let good: Hash

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-readers-'))
    store = await openFileStore({ dir })
    good = await deliver(EVIDENCE)
  })
  after(() => rm(dir, { recursive: true }))

  it('is what its contributor announced last in time', async () => {
    const bad = await store.put(new TextEncoder().encode('{}'))
    expect(await fetched([{ block: 10n, keysBlob: good }])).to.deep.equal(EVIDENCE)
    expect(await fetched([{ block: LAST_IN_TIME, keysBlob: good }])).to.deep.equal(EVIDENCE)
    expect(await fetched([{ block: LAST_IN_TIME + 1n, keysBlob: good }])).to.equal(undefined)
    const twice = (first: Hash, second: Hash, block: bigint) =>
      fetched([
        { block: 10n, keysBlob: first },
        { block, keysBlob: second },
      ])
    expect(await twice(bad, good, LAST_IN_TIME)).to.deep.equal(EVIDENCE)
    expect(await twice(good, bad, LAST_IN_TIME)).to.equal(undefined)
    expect(await twice(good, bad, LAST_IN_TIME + 1n)).to.deep.equal(EVIDENCE)
  })

  it('is nothing that somebody else announced, and nobody hides it behind others', async () => {
    const strange = Array.from({ length: 20 }, (_, i) => ({
      block: BigInt(20 + i),
      keysBlob: zeroHash.replace(/0$/, '1') as Hash,
      sender: STRANGER,
    }))
    expect(await fetched([{ block: 10n, keysBlob: good }, ...strange])).to.deep.equal(EVIDENCE)
    expect(await fetched([{ block: 10n, keysBlob: good, sender: STRANGER }])).to.equal(undefined)
  })

  it('is nothing where stores lack it, or it is not for this reader and case', async () => {
    const { blob, key } = encryptCaseEvidence(EVIDENCE, { ...PLACE, subject: 3 })
    const ofOtherCase = await store.put(writeCaseKeys(key, await store.put(blob), await readers()))
    const own = encryptCaseEvidence(EVIDENCE, PLACE)
    const others = await store.put(
      writeCaseKeys(own.key, hashOf(own.blob), [{ ...(await readers())[0]!, juror: STRANGER }]),
    )
    const otherKey = await store.put(writeCaseKeys(new Uint8Array(32), hashOf(own.blob), await readers()))
    const noBlob = await store.put(writeCaseKeys(own.key, zeroHash, await readers()))
    const huge = await store.put(new Uint8Array(300_000))
    const wrong = { ofOtherCase, others, otherKey, noBlob, huge, absent: `0x${'ab'.repeat(32)}` as Hash }
    for (const [what, keysBlob] of Object.entries(wrong))
      expect(await fetched([{ block: 10n, keysBlob }]), what).to.equal(undefined)
    expect(await fetched([{ block: 10n, keysBlob: await deliver(new Uint8Array(2_000)) }])).to.equal(
      undefined,
    )
  })

  it('is unknown, and convicts nobody, while a store does not answer', async () => {
    const away = async () => Promise.reject(new StoreError('unavailable', 'away'))
    const error = await fetched([{ block: 10n, keysBlob: good }], { store: { ...store, get: away } }).catch(
      (reason: unknown) => reason,
    )
    expect(error).to.be.instanceOf(StoreError).and.include({ code: 'unavailable' })
  })

  it('is unknown where the reader has another key than the one that it joined with', async () => {
    const keys = oracleKeys(`0x${'6e'.repeat(32)}`)
    const error = await fetched([{ block: 10n, keysBlob: good }], { keys }).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(ForeignKeyError)
  })

  const PLACE = {
    chainId: CHAIN_ID,
    kind: FACTS.kind,
    taskId: 1n,
    round: 4,
    subject: 2,
    defendant: DEFENDANT,
  }
  const readers = async () => [{ juror: READER, encryptionKey: await KEYS.encryptionKey() }]

  async function deliver(evidence: Uint8Array): Promise<Hash> {
    const { blob, key } = encryptCaseEvidence(evidence, PLACE)
    return store.put(writeCaseKeys(key, await store.put(blob), await readers()))
  }

  async function fetched(said: readonly Said[], changes: Partial<OracleContext> = {}) {
    const encryptionKey = toHex(await KEYS.encryptionKey())
    const joined = { juror: READER, stake: 1n, encryptionKey }
    const deployment = { chainId: CHAIN_ID, startBlock: 0, contracts: CONTRACTS } as unknown as Deployment
    const reader = scriptedReader(deployment, {
      contracts: [],
      events: [
        { address: CONTRACTS.court, abi: iCourtAbi, eventName: 'JurorJoined', args: joined, block: 1n },
        ...said.map(({ block, keysBlob, sender = DEFENDANT }) => ({
          address: CONTRACTS.accusations,
          abi: iAccusationsAbi,
          eventName: 'EvidenceKeysAnnounced',
          args: { caseId: CASE, panelId: PANEL, sender, keysBlob },
          block,
        })),
      ],
      timeOf: (block) => 1_000 + Number(block),
    })
    const docket = { ...openDocket(), terms: { commitSeconds: 600, revealSeconds: 300 } }
    const context = { reader, store, keys: KEYS, account: { address: READER }, docket, ...changes }
    const state = { panel: DRAWN as unknown as PanelState }
    const one = { caseId: CASE, openedBlock: 2n, facts: FACTS, state } as unknown as CourtCase & {
      state: { panel: PanelState }
    }
    const signal = new AbortController().signal
    const search = { blockNumber: 400n, signal, maxBytes: 1_000, isEncrypted: true }
    return fetchDelivered(context as unknown as OracleContext, one, search)
  }
})
