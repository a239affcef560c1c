import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  blobs,
  type PackageWithPool,
  packageOf,
  poolOf,
  seedOf,
  smallTask,
} from '@assay/engine/fixtures/small-tasks.ts'
import { encryptPool, encryptPoolKey, maxPoolBlobBytes } from '@assay/engine/package/pool-encryption.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { type EncryptedBlob, signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { poolKeyOf } from '@assay/store/pool-record.ts'
import { expect } from 'chai'
import { type Address, bytesToHex, keccak256, type LocalAccount, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { keySeedOf, oracleKeys } from '../oracle-keys.ts'
import { type EnvelopeOptions, openEnvelope } from './open-envelope.ts'
import { type PoolName, type PoolSeal, putPool, sealTo } from './seal-pool.ts'

const privateKeyOf = (who: string) => seedOf(who)
const accountOf = (who: string) => privateKeyToAccount(privateKeyOf(who))
const [owner, peer, reader] = ['owner', 'peer', 'reader'].map(accountOf) as [
  LocalAccount,
  LocalAccount,
  LocalAccount,
]
const keys = oracleKeys(keySeedOf(privateKeyOf('reader')))
const { pool } = smallTask()
const KEY = new Uint8Array(32).fill(9)

describe('an envelope with the held-out pool', () => {
  let dir: string
  let store: FileStore
  let task: PackageWithPool
  let name: PoolName
  let encryptionKey: `0x${string}`
  let refused: Map<Address, string>

  const open = (change: Partial<EnvelopeOptions> = {}) =>
    openEnvelope({
      store,
      spec: task.spec,
      name,
      reader: { validator: reader.address, encryptionKeyHash: keccak256(encryptionKey) },
      keys,
      authors: [owner.address, peer.address],
      mayAuthor: async () => true,
      refused,
      ...change,
    })
  const seal = async (author: LocalAccount, what?: PoolSeal) =>
    sealTo(
      { store, account: author },
      { name, seal: what ?? (await putPool(store, pool, task.spec, KEY)) },
      { validator: reader.address, encryptionKey },
    )
  /** Lets an author hand over what is no pool. */
  const hand = async (author: LocalAccount, change: Partial<EncryptedBlob>) => {
    const blob = await store.put(encryptPool(pool, task.spec, KEY))
    const publicKey = await keys.encryptionKey()
    const place = { specHash: name.specHash, root: name.poolRoot }
    const encryptedKey = bytesToHex(encryptPoolKey(KEY, { validator: reader.address, publicKey }, place))
    const key = poolKeyOf({
      ...name,
      reader: { validator: reader.address, encryptionKeyHash: keccak256(encryptionKey) },
      author: author.address,
    })
    const sizeBytes = encryptPool(pool, task.spec, KEY).length
    const record = await signEncryptedBlob(key, { blob, sizeBytes, encryptedKey, ...change }, author)
    await store.putRecord(key, record)
  }

  before(async () => {
    task = await packageOf(smallTask())
    name = { specHash: task.specHash, poolRoot: task.spec.pool.root as Hash }
    encryptionKey = toHex(await keys.encryptionKey())
  })
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-envelope-'))
    store = await openFileStore({ dir })
    refused = new Map()
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('is opened by the validator that it is sealed to, and can be sealed on from there', async () => {
    expect(await open()).to.equal(undefined)
    expect(await seal(owner)).to.deep.equal({ validator: reader.address })
    const opened = await open()
    expect(opened?.pool).to.deep.equal(pool)
    expect(opened).to.deep.include({ author: owner.address })

    await seal(peer, await putPool(store, opened!.pool, task.spec, opened!.key))
    const second = await open({ authors: [peer.address] })
    expect(second).to.deep.equal({ ...opened, author: peer.address })
    const blobsKept = []
    for await (const { path } of store.list()) if (path.startsWith('blobs/')) blobsKept.push(path)
    expect(blobsKept, 'one blob, however many seal it').to.have.length(1)
  })

  it('sealed twice, and at once, is one record', async () => {
    await Promise.all([seal(owner), seal(owner), seal(owner)])
    let records = 0
    for await (const { path } of store.list()) records += Number(path.startsWith('records/'))
    expect(records).to.equal(1)
  })

  it('can not be sealed to a key that is none, and says so', async () => {
    const made = await putPool(store, pool, task.spec, KEY)
    const odd = { validator: reader.address, encryptionKey: '0x1234' } as const
    const { refusal } = await sealTo({ store, account: owner }, { name, seal: made }, odd)
    expect(refusal).to.contain('2 bytes and needs 1216')
  })

  const hostile: [string, () => Promise<Partial<EncryptedBlob>>, RegExp][] = [
    ['another key', async () => ({ encryptedKey: await keyFor(new Uint8Array(32).fill(1)) }), /altered|key/],
    ['no key', async () => ({ encryptedKey: '0x' }), /bytes/],
    [
      'a key for somebody else',
      async () => ({ encryptedKey: await keyFor(KEY, peer.address) }),
      /altered|key/,
    ],
    [
      'another pool',
      async () => {
        const bytes = encryptPool(poolOf(blobs(120, seedOf('decoy'))), task.spec, KEY)
        return { blob: await store.put(bytes), sizeBytes: bytes.length }
      },
      /altered|key/,
    ],
    [
      'a blob that is no pool',
      async () => ({ blob: await store.put(new Uint8Array(100)), sizeBytes: 100 }),
      /altered|version|key/,
    ],
  ]
  async function keyFor(key: Uint8Array, validator = reader.address): Promise<`0x${string}`> {
    const publicKey = await keys.encryptionKey()
    const place = { specHash: name.specHash, root: name.poolRoot }
    return bytesToHex(encryptPoolKey(key, { validator, publicKey }, place))
  }
  for (const [what, change, reason] of hostile)
    it(`with ${what} is refused with words, and the next author's is opened`, async () => {
      await hand(owner, await change())
      await seal(peer)
      expect(await open()).to.deep.include({ author: peer.address })
      expect(refused.get(owner.address)).to.match(reason)
    })

  it('that names a blob beyond the limit is refused before a byte of it is fetched', async () => {
    await hand(owner, {})
    await seal(peer)
    const asked: string[] = []
    const lying: BlobStore = {
      ...store,
      get: (hash, limit) => {
        asked.push(hash)
        return store.get(hash, limit)
      },
      getRecord: async (key, options) => {
        const bytes = await store.getRecord(key)
        if (bytes === undefined || !key.endsWith(owner.address.toLowerCase())) return bytes
        const { signature: _, ...record } = JSON.parse(new TextDecoder().decode(bytes))
        const huge = await signEncryptedBlob(key, { ...record, sizeBytes: maxPoolBlobBytes() + 1 }, owner)
        await options?.check?.(huge)
        return huge
      },
    }
    const byOwner = await open({ store: lying, authors: [owner.address] })
    expect(byOwner).to.equal(undefined)
    expect(refused.get(owner.address)).to.contain(`the limit is ${maxPoolBlobBytes()}`)
    expect(asked).to.deep.equal([])
  })

  it('is not opened again once it was refused, nor that of an author without the right', async () => {
    await hand(owner, { encryptedKey: '0x' })
    expect(await open()).to.equal(undefined)
    const blind: BlobStore = { ...store, getRecord: () => Promise.reject(new Error('asked again')) }
    expect(await open({ store: blind, authors: [owner.address] })).to.equal(undefined)
    await seal(peer)
    expect(await open({ mayAuthor: async (author) => author !== peer.address })).to.equal(undefined)
    expect(refused.has(peer.address), 'it may have the right later').to.equal(false)
  })

  it('that can not be read now is asked for later, unless another one can', async () => {
    await seal(owner)
    const down = new StoreError('unavailable', 'the store is down')
    const deaf: BlobStore = { ...store, get: () => Promise.reject(down) }
    const error = await open({ store: deaf }).catch((thrown) => thrown)
    expect(error).to.include({ code: 'unavailable' })
    expect(error.message).to.contain('the store is down')
    expect(refused.size).to.equal(0)
    expect(await open()).to.deep.include({ author: owner.address })
  })
})
