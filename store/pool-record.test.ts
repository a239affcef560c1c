import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { stringToBytes } from 'viem'
import { StoreError } from './blob-store.ts'
import { type EncryptedBlob, signEncryptedBlob } from './encrypted-blob.ts'
import { openFileStore } from './file-store.ts'
import { contributor as owner, stranger, validator } from './fixtures/records.ts'
import { decodePoolRecord, fetchPoolRecord, type PoolPlace, poolEnvelope, poolKeyOf } from './pool-record.ts'
import { hashOf } from './sha256.ts'

const [specHash, poolRoot, encryptionKeyHash] = ['spec', 'root', 'key'].map((text) =>
  hashOf(stringToBytes(text)),
) as [`0x${string}`, `0x${string}`, `0x${string}`]
const reader = { validator, encryptionKeyHash }
const place: PoolPlace = { specHash, poolRoot, reader, author: owner.address }
const key = poolKeyOf(place)
const blob = stringToBytes('the pool, encrypted')
const record: EncryptedBlob = { blob: hashOf(blob), sizeBytes: blob.length, encryptedKey: '0xabcd' }

async function refusal(bytes: Uint8Array, name = key): Promise<StoreError> {
  const error = await decodePoolRecord(bytes, name).catch((thrown: unknown) => thrown)
  expect(error).to.be.instanceOf(StoreError)
  return error as StoreError
}

describe('the record of a pool', () => {
  let dir: string
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-pool-record-'))
  })
  after(() => rm(dir, { recursive: true }))

  it('is read as its author wrote it, whatever the spelling of the addresses', async () => {
    const bytes = await signEncryptedBlob(key, record, owner)
    expect(await signEncryptedBlob(key, record, owner)).to.deep.equal(bytes)
    expect(await decodePoolRecord(bytes, key)).to.deep.equal(record)
    const lower = { ...place, author: owner.address.toLowerCase() as `0x${string}` }
    expect(poolKeyOf(lower)).to.equal(key)
  })

  it('belongs to one pool, one reader with one key, and one author', () => {
    const others: PoolPlace[] = [
      { ...place, specHash: poolRoot },
      { ...place, poolRoot: specHash },
      { ...place, reader: { ...reader, encryptionKeyHash: specHash } },
      { ...place, reader: { ...reader, validator: stranger.address } },
      { ...place, reader: 'everybody' },
      { ...place, author: stranger.address },
    ]
    expect(new Set([place, ...others].map(poolKeyOf)).size).to.equal(others.length + 1)
  })

  it('is refused when anybody but the author in its name signed it', async () => {
    const forged = await signEncryptedBlob(key, record, stranger)
    expect((await refusal(forged)).message).to.contain(`only ${owner.address.toLowerCase()} may sign it`)
    const moved = poolKeyOf({ ...place, poolRoot: specHash })
    expect((await refusal(await signEncryptedBlob(key, record, owner), moved)).code).to.equal(
      'record-refused',
    )
  })

  it('is refused when a word of it was changed, with another spelling, and when it is none', async () => {
    const whole = JSON.parse(new TextDecoder().decode(await signEncryptedBlob(key, record, owner)))
    const changed = (change: object) => stringToBytes(JSON.stringify({ ...whole, ...change }))
    expect((await refusal(changed({ sizeBytes: 20 }))).message).to.contain('is signed by')
    expect((await refusal(changed({ encryptedKey: '0xabce' }))).message).to.contain('is signed by')
    expect((await refusal(changed({ encryptedKey: `0x${'ab'.repeat(5_000)}` }))).message).to.contain('4096')
    expect((await refusal(stringToBytes(JSON.stringify(whole, null, 1)))).message).to.contain('only spelling')
    expect((await refusal(stringToBytes('no record'))).message).to.contain('names no encrypted blob')
  })

  it('is kept by a store once its blob is there, by the first word of each author', async () => {
    const store = await openFileStore({ dir })
    const bytes = await signEncryptedBlob(key, record, owner)
    expect(await fetchPoolRecord(store, place)).to.equal(undefined)
    const early = await store.putRecord(key, bytes).catch((error: StoreError) => error)
    expect(early).to.include({ code: 'record-refused' })
    await store.put(blob)
    await store.putRecord(key, bytes)
    expect(await fetchPoolRecord(store, place)).to.deep.equal(record)

    const second = await signEncryptedBlob(key, { ...record, encryptedKey: '0x01' }, owner)
    const taken = await store.putRecord(key, second).catch((error: StoreError) => error)
    expect(taken).to.include({ code: 'record-taken' })
    const byStranger = { ...place, author: stranger.address }
    await store.putRecord(
      poolKeyOf(byStranger),
      await signEncryptedBlob(poolKeyOf(byStranger), record, stranger),
    )
    expect(await fetchPoolRecord(store, byStranger)).to.deep.equal(record)

    const paths: string[] = []
    for await (const { path } of store.list()) if (path.startsWith('records/')) paths.push(path)
    expect(paths).to.have.members([`records/${key}`, `records/${poolKeyOf(byStranger)}`])
    expect(await store.remove(`records/${key}`, Date.now())).to.equal(true)
    expect(await fetchPoolRecord(store, place)).to.equal(undefined)
  })

  it("has everybody's envelope apart from each validator's", () => {
    expect(poolEnvelope(poolRoot, 'everybody')).to.not.equal(poolEnvelope(poolRoot, reader))
  })
})
