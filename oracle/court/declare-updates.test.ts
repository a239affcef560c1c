import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@assay/daemon/logging.ts'
import { openUploads, type Uploads } from '@assay/daemon/uploads.ts'
import { iAccusationsAbi } from '@assay/sdk/generated/IAccusations.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { isUpdateDeclared } from '@assay/sdk/verbs/court/declare-update.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { putOpening, type SomeOpening, someOpening } from '@assay/store/fixtures/records.ts'
import { fetchOpening } from '@assay/store/opening-record.ts'
import { expect } from 'chai'
import { numberToHex } from 'viem'
import type { TestAccount } from '../../test/e2e/support/chain.ts'
import { type CourtScene, courtForEach, type JurorContext, PHASE_SECONDS } from '../fixtures/court-scene.ts'
import { declareUpdates } from './declare-updates.ts'
import { openScoredUpdates } from './scored-updates.ts'

describe('an oracle that is accused of a score', () => {
  let scene: CourtScene
  let dir: string
  let shared: FileStore
  let accused: SomeOpening
  let other: SomeOpening
  let uploads: Uploads | undefined

  courtForEach(async (started) => {
    scene = started
    accused = await someOpening('accused')
    other = await someOpening('other')
  })
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-declare-'))
    shared = await openFileStore({ dir: join(dir, 'shared') })
  })
  afterEach(async () => {
    await uploads?.close()
    await rm(dir, { recursive: true })
  })

  /** An oracle whose disk has these updates. */
  async function oracleWith(kept: readonly SomeOpening[], account = defendant()): Promise<JurorContext> {
    const oracle = scene.oracleOf(account, () => 'cannot')
    const storeDir = join(dir, 'shared')
    const log = createLogger({ role: 'test', level: 'silent' })
    const named = { dir: join(dir, 'own'), db: oracle.db, account, taskId: 1n, log, roundSeconds: 600 }
    uploads = await openUploads({ ...named, locations: [{ dir: storeDir }] })
    const scored = await openScoredUpdates(join(dir, 'own'))
    for (const one of kept) await putOpening(scored.files, one)
    const config = { ...oracle.config, storeDir }
    return Object.assign(oracle, { uploads, store: uploads.store, scored, config })
  }

  const defendant = () => scene.chain.accounts[1] as TestAccount
  const open = () => scene.open({ kind: 'falseScore', subject: 3, accused: numberToHex(0xac, { size: 32 }) })
  const commitments = async (): Promise<Hash[]> => [accused.commitment, other.commitment]

  async function attend(oracle: JurorContext, { caseId }: CourtCase, seconds?: number): Promise<boolean> {
    const block = await scene.mine(seconds)
    await declareUpdates(oracle, [await scene.read(caseId)], block, { updatesOf: commitments })
    await uploads!.tried()
    await scene.mine()
    return isUpdateDeclared(scene.reader, { caseId })
  }

  it('gives the updates of the cohort to the stores once more, and says on chain where they are', async () => {
    const one = await open()
    const oracle = await oracleWith([accused, other])
    expect(await attend(oracle, one)).to.equal(true)
    for (const { commitment, opening } of [accused, other]) {
      expect(await fetchOpening(shared, commitment)).to.deep.equal(opening)
      expect(await shared.has(opening.updateHash)).to.equal(true)
    }
    expect(oracle.errors).to.deep.equal([])
  })

  it('names the stores with an address for others, without passwords, as many as the chain takes', async () => {
    const one = await open()
    const oracle = await oracleWith([accused])
    const [first, second] = ['a', 'b'].map((host) => `https://${host.repeat(60)}.example/`)
    const third = `https://${'c'.repeat(60)}.example/${'d'.repeat(100)}`
    const withPassword = first!.replace('https://', 'https://me:secret@')
    oracle.config = { ...oracle.config, storeUrl: ['http://127.0.0.1:4180', withPassword, third, second!] }
    expect(await attend(oracle, one)).to.equal(true)
    const { client, deployment } = scene.chain
    const address = deployment.contracts.accusations
    const asked = { address, abi: iAccusationsAbi, eventName: 'UpdateDeclared', strict: true } as const
    const [declared] = await client.getContractEvents({ ...asked, fromBlock: 0n })
    const said = declared!.args.location
    expect(said.split(' ')).to.have.length(2)
    expect(said).to.not.include('127.0.0.1')
    expect(said).to.include('a'.repeat(60)).and.include('c'.repeat(60)).and.not.include('secret')
    expect(Buffer.byteLength(said)).to.be.at.most(256)
  })

  it('says so once, also after a restart with a lost database', async () => {
    const one = await open()
    expect(await attend(await oracleWith([accused]), one)).to.equal(true)
    await uploads!.close()
    const again = await oracleWith([accused])
    await attend(again, one)
    expect(again.outbox.pendingCount()).to.equal(0)
    const nonce = await scene.chain.client.getTransactionCount({ address: defendant().address })
    expect(nonce).to.equal(1)
  })

  it('says nothing that is not so: without the accused update on its disk, too late, or of another', async () => {
    const one = await open()
    const without = await oracleWith([other])
    expect(await attend(without, one)).to.equal(false)
    expect(without.errors).to.deep.equal([
      'accused of the score of an update that is not on this disk any more',
    ])
    await uploads!.close()
    expect(await attend(await oracleWith([accused], scene.jurors[0]), one)).to.equal(false)
    await uploads!.close()
    expect(await attend(await oracleWith([accused]), one, PHASE_SECONDS)).to.equal(false)
  })

  it('does not wait for a store that never says what it has lost', async () => {
    const one = await open()
    const oracle = await oracleWith([accused, other])
    let asked = 0
    const hanging: Uploads['restore'] = (_, { signal } = {}) =>
      new Promise((resolve) => {
        asked += 1
        signal?.addEventListener('abort', () => resolve())
      })
    Object.assign(oracle, { uploads: { ...uploads, restore: hanging } })
    const how = { updatesOf: commitments, longestMs: 1 }
    await declareUpdates(oracle, [one], await scene.mine(), how)
    await scene.mine()
    expect(asked).to.equal(2)
    expect(await isUpdateDeclared(scene.reader, one)).to.equal(true)
  })

  it('says so while the panel is not drawn yet', async () => {
    const one = await open()
    const drawing = { ...one.state.panel!, status: 'drawing' as const, drawnAt: 0 }
    const oracle = await oracleWith([accused])
    const block = await scene.mine()
    await declareUpdates(oracle, [{ ...one, state: { ...one.state, panel: drawing } }], block, {
      updatesOf: commitments,
    })
    await scene.mine()
    expect(await isUpdateDeclared(scene.reader, one)).to.equal(true)
  })
})
