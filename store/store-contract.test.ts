import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { type BlobStore, isMissing, MAX_RECORD_BYTES, StoreError, type StoreErrorCode } from './blob-store.ts'
import { fetchEncryptedBlob, signEncryptedBlob } from './encrypted-blob.ts'
import { contributor, putOpening, someOpening, stranger, validator } from './fixtures/records.ts'
import { startBlobServer } from './http-server.ts'
import { openStore } from './open-store.ts'
import { fetchOpening, type Opening, signOpening } from './opening-record.ts'
import { evidenceKey, openingKey } from './records.ts'
import { hashOf } from './sha256.ts'

const limits = { maxBlobBytes: 1_000_000, maxTotalBytes: 20_000_000 }
const bytesOf = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17) & 0xff)

async function refusedWith(code: StoreErrorCode, work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    (value) => new Error(`expected ${code}, got ${String(value)}`),
    (reason: Error) => reason,
  )
  if (!(error instanceof StoreError)) throw error
  expect(error.code, error.message).to.equal(code)
  return error
}

type Opened = { store: BlobStore; close: () => Promise<void> }

const kinds: { kind: string; open: (dir: string) => Promise<Opened> }[] = [
  {
    kind: 'a store in a folder',
    open: async (dir) => ({ store: await openStore({ dir, ...limits }), close: async () => {} }),
  },
  {
    kind: 'a store behind HTTP',
    open: async (dir) => {
      const server = await startBlobServer({ dir, port: 0, ...limits })
      return { store: await openStore({ url: server.url }), close: () => server.close() }
    },
  },
]

for (const { kind, open } of kinds) {
  describe(kind, () => {
    let dir: string
    let opened: Opened
    let store: BlobStore

    before(async () => {
      dir = await mkdtemp(join(tmpdir(), 'assay-store-'))
      opened = await open(dir)
      store = opened.store
    })

    after(async () => {
      await opened.close()
      await rm(dir, { recursive: true })
    })

    describe('blobs', () => {
      it('gives back what was put, under its sha256', async () => {
        await fc.assert(
          fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
            const hash = await store.put(bytes)
            expect(hash).to.equal(hashOf(bytes))
            expect(Buffer.compare(await store.get(hash, { maxBytes: bytes.length }), bytes)).to.equal(0)
          }),
          { seed: 2, numRuns: 20 },
        )
      })

      it('keeps a large blob whole', async () => {
        const bytes = bytesOf(limits.maxBlobBytes)
        const hash = await store.put(bytes)
        expect(hashOf(await store.get(hash, { maxBytes: limits.maxBlobBytes }))).to.equal(hash)
      })

      it('takes a blob in pieces, as often as it is asked for them', async () => {
        const parts = [bytesOf(200_000, 7), new Uint8Array(), bytesOf(70_001, 8), bytesOf(1, 9)]
        const bytes = Uint8Array.from(parts.flatMap((part) => [...part]))
        const hash = hashOf(bytes)
        const source = { hash, sizeBytes: bytes.length, pieces: () => parts }
        for (const _ of ['first', 'again']) expect(await store.put(source)).to.equal(hash)
        expect(Buffer.compare(await store.get(hash, { maxBytes: bytes.length }), bytes)).to.equal(0)
      })

      it('refuses pieces of another blob than they are said to be of', async () => {
        const [said, sent] = [bytesOf(100_000, 10), bytesOf(100_000, 11)]
        const source = { hash: hashOf(said), sizeBytes: said.length, pieces: () => [sent] }
        await refusedWith('blob-corrupt', store.put(source))
        expect(await store.has(source.hash)).to.equal(false)
        expect(await store.has(hashOf(sent))).to.equal(false)
      })

      it('says that a blob is missing', async () => {
        const hash = hashOf(bytesOf(10, 99))
        expect(await store.has(hash)).to.equal(false)
        const error = await refusedWith('blob-missing', store.get(hash, { maxBytes: 100 }))
        expect(isMissing(error)).to.equal(true)
        expect(error.message).to.contain(hash)
      })

      it('takes no blob beyond its limit', async () => {
        const error = await refusedWith('blob-too-large', store.put(bytesOf(limits.maxBlobBytes + 1)))
        expect(error.message).to.contain('1000000')
      })

      it('gives the reader no more than it asked for', async () => {
        const hash = await store.put(bytesOf(5_000))
        await refusedWith('blob-too-large', store.get(hash, { maxBytes: 4_999 }))
        expect(await store.get(hash, { maxBytes: 5_000 })).to.have.length(5_000)
      })

      it('takes the same blob from many writers at once', async () => {
        const bytes = bytesOf(300_000, 5)
        const hashes = await Promise.all(Array.from({ length: 12 }, () => store.put(bytes)))
        expect(new Set(hashes)).to.deep.equal(new Set([hashOf(bytes)]))
        expect(hashOf(await store.get(hashes[0]!, { maxBytes: 300_000 }))).to.equal(hashes[0])
      })

      it('refuses names that are no hash, paths above all', async () => {
        const tricks = [
          '',
          '0x',
          '../../etc/passwd',
          `0x${'0'.repeat(62)}/.`,
          `0x${'A'.repeat(64)}`,
          `0x${'1'.repeat(65)}`,
        ]
        for (const trick of tricks) {
          await refusedWith('bad-request', store.get(trick as `0x${string}`, { maxBytes: 10 }))
          await refusedWith('bad-request', store.has(trick as `0x${string}`))
        }
      })
    })

    describe('records', () => {
      it('keeps an opening that opens its commitment', async () => {
        const some = await someOpening(kind)
        const { commitment, opening } = some
        expect(await fetchOpening(store, commitment)).to.equal(undefined)
        await putOpening(store, some)
        await putOpening(store, some)
        expect(await fetchOpening(store, commitment)).to.deep.equal(opening)
      })

      it('refuses an opening of another commitment', async () => {
        const { bytes } = await someOpening('one')
        const { commitment } = await someOpening('other')
        await refusedWith('record-refused', store.putRecord(openingKey(commitment), bytes))
      })

      it('refuses an opening before its update, and one that says another length', async () => {
        const some = await someOpening(`${kind} early`)
        const key = openingKey(some.commitment)
        const early = await refusedWith('record-refused', store.putRecord(key, some.bytes))
        expect(early.message).to.contain(`put blob ${some.opening.updateHash} before it`)
        await store.put(some.update)
        const shorter = { ...some.opening, updateSizeBytes: some.update.length - 1 }
        const lying = await refusedWith(
          'record-refused',
          store.putRecord(key, await signOpening(shorter, contributor)),
        )
        expect(lying.message).to.contain(`it has ${some.update.length}`)
        await store.putRecord(key, some.bytes)
      })

      it('refuses an opening that anybody but the contributor signed', async () => {
        const some = await someOpening(`${kind} signed by a stranger`)
        await store.put(some.update)
        const forged = await signOpening(some.opening, stranger)
        const key = openingKey(some.commitment)
        const error = await refusedWith('record-refused', store.putRecord(key, forged))
        expect(error.message).to.contain(`signed by ${stranger.address}`)
      })

      it('lets the first opening stand', async () => {
        const some = await someOpening(`${kind} first`)
        const { opening, commitment } = some
        await putOpening(store, some)
        const other = await signOpening(withoutProof(opening), contributor)
        await refusedWith('record-taken', store.putRecord(openingKey(commitment), other))
        expect(await fetchOpening(store, commitment)).to.deep.equal(opening)
      })

      it('lets one of two openings stand that come at once', async () => {
        const { update, opening, commitment, bytes } = await someOpening(`${kind} at once`)
        await store.put(update)
        const other = await signOpening(withoutProof(opening), contributor)
        const writes = [bytes, other, bytes, other].map((record) =>
          store.putRecord(openingKey(commitment), record),
        )
        const outcomes = await Promise.allSettled(writes)
        const stands = Buffer.from((await store.getRecord(openingKey(commitment)))!)
        const wins = outcomes.map(({ status }) => status === 'fulfilled')
        expect(wins).to.deep.equal([bytes, other, bytes, other].map((record) => stands.equals(record)))
      })

      it('refuses garbage, unknown fields, other spellings and what is too long', async () => {
        const { update, commitment, bytes: good } = await someOpening('garbage')
        await store.put(update)
        const key = openingKey(commitment)
        const text = new TextDecoder().decode(good)
        const garbage = [
          '',
          '[]',
          'null',
          '{',
          text.slice(0, -1),
          text.replace('{', '{"extra":1,'),
          text.replace('"round":3', '"round":3.5'),
          text.replace('{', '{ '),
          text.replace(contributor.address, contributor.address.toLowerCase()),
        ]
        for (const bytes of garbage) {
          expect(bytes).to.not.equal(text)
          await refusedWith('record-refused', store.putRecord(key, new TextEncoder().encode(bytes)))
        }
        await refusedWith(
          'record-refused',
          store.putRecord(key, new Uint8Array(MAX_RECORD_BYTES + 1).fill(32)),
        )
      })

      it('refuses names that are no record, paths above all', async () => {
        const { commitment } = await someOpening('names')
        const tricks = [
          'opening/../../x',
          `opening/${commitment}/..`,
          `evidence/${commitment}/-1/${validator}`,
          `evidence/${commitment}/01/${validator}`,
          `evidence/${commitment}/1/${validator}%00`,
          `opening/${commitment.toUpperCase()}`,
        ]
        for (const trick of tricks) {
          await refusedWith('bad-request', store.putRecord(trick, new Uint8Array(2)))
          await refusedWith('bad-request', store.getRecord(trick))
        }
      })

      it('keeps evidence that the contributor signed, after its opening and its blob', async () => {
        const some = await someOpening(`${kind} evidence`)
        const key = evidenceKey(some.commitment, 4, validator)
        const encrypted = bytesOf(20, 3)
        const said = { blob: hashOf(encrypted), sizeBytes: 20, encryptedKey: '0x0909' } as const
        const record = await signEncryptedBlob(key, said, contributor)
        const early = await refusedWith('record-refused', store.putRecord(key, record))
        expect(early.message).to.contain('before its evidence')

        await putOpening(store, some)
        const blobless = await refusedWith('record-refused', store.putRecord(key, record))
        expect(blobless.message).to.contain(`put blob ${hashOf(encrypted)} before it`)
        await store.put(encrypted)
        await store.putRecord(key, record)
        const found = await fetchEncryptedBlob(store, { key, signer: contributor.address })
        expect(found).to.deep.equal(said)
        await refusedWith('record-refused', fetchEncryptedBlob(store, { key, signer: stranger.address }))
      })

      it('refuses evidence signed by anybody else, or for another window', async () => {
        const some = await someOpening(`${kind} forged`)
        await putOpening(store, some)
        const encrypted = bytesOf(20)
        const said = { blob: hashOf(encrypted), sizeBytes: 20, encryptedKey: '0x0909' } as const
        await store.put(encrypted)
        const key = evidenceKey(some.commitment, 1, validator)
        const forged = await signEncryptedBlob(key, said, stranger)
        const error = await refusedWith('record-refused', store.putRecord(key, forged))
        expect(error.message).to.contain(stranger.address)
        const elsewhere = await signEncryptedBlob(
          evidenceKey(some.commitment, 2, validator),
          said,
          contributor,
        )
        await refusedWith('record-refused', store.putRecord(key, elsewhere))
        const good = new TextDecoder().decode(await signEncryptedBlob(key, said, contributor))
        const unsigned = good.replace(/"signature":"0x[0-9a-f]{130}"/, `"signature":"0x${'00'.repeat(65)}"`)
        const longer = good.replace('"sizeBytes":20', '"sizeBytes":21')
        const otherKey = good.replace('"0x0909"', '"0x090a"')
        const halfKey = good.replace('"0x0909"', '"0x090"')
        for (const record of [unsigned, longer, otherKey, halfKey, ` ${good}`])
          await refusedWith('record-refused', store.putRecord(key, new TextEncoder().encode(record)))
      })
    })
  })
}

/** What a contributor that says two things could sign as well. */
function withoutProof(opening: Opening): Opening {
  return { ...opening, finalState: { ...opening.finalState, proof: [] } }
}
