import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { type BlobStore, isMissing, MAX_RECORD_BYTES, StoreError, type StoreErrorCode } from './blob-store.ts'
import { fetchEvidenceRecord, signEvidence } from './evidence-record.ts'
import { contributor, someOpening, stranger, validator } from './fixtures/records.ts'
import { startBlobServer } from './http-server.ts'
import { openStore } from './open-store.ts'
import { encodeOpening, fetchOpening } from './opening-record.ts'
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
        const { commitment, bytes, opening } = someOpening(kind)
        expect(await fetchOpening(store, commitment)).to.equal(undefined)
        await store.putRecord(openingKey(commitment), bytes)
        await store.putRecord(openingKey(commitment), bytes)
        expect(await fetchOpening(store, commitment)).to.deep.equal(opening)
      })

      it('refuses an opening of another commitment', async () => {
        const { bytes } = someOpening('one')
        const { commitment } = someOpening('other')
        await refusedWith('record-refused', store.putRecord(openingKey(commitment), bytes))
      })

      it('lets the first opening stand', async () => {
        const { opening, commitment, bytes } = someOpening(`${kind} first`)
        await store.putRecord(openingKey(commitment), bytes)
        const forged = encodeOpening({ ...opening, finalState: { ...opening.finalState, proof: [] } })
        await refusedWith('record-taken', store.putRecord(openingKey(commitment), forged))
        expect(await fetchOpening(store, commitment)).to.deep.equal(opening)
      })

      it('lets one of two openings stand that come at once', async () => {
        const { opening, commitment, bytes } = someOpening(`${kind} at once`)
        const other = encodeOpening({ ...opening, finalState: { ...opening.finalState, proof: [] } })
        const writes = [bytes, other, bytes, other].map((record) =>
          store.putRecord(openingKey(commitment), record),
        )
        const outcomes = await Promise.allSettled(writes)
        const stands = Buffer.from((await store.getRecord(openingKey(commitment)))!)
        const wins = outcomes.map(({ status }) => status === 'fulfilled')
        expect(wins).to.deep.equal([bytes, other, bytes, other].map((record) => stands.equals(record)))
      })

      it('refuses garbage, unknown fields and what is too long', async () => {
        const { commitment, opening } = someOpening('garbage')
        const key = openingKey(commitment)
        const text = new TextDecoder().decode(encodeOpening(opening))
        const garbage = [
          '',
          '[]',
          'null',
          '{',
          text.slice(0, -1),
          text.replace('{', '{"extra":1,'),
          text.replace('"round":3', '"round":3.5'),
        ]
        for (const bytes of garbage) {
          await refusedWith('record-refused', store.putRecord(key, new TextEncoder().encode(bytes)))
        }
        await refusedWith(
          'record-refused',
          store.putRecord(key, new Uint8Array(MAX_RECORD_BYTES + 1).fill(32)),
        )
      })

      it('refuses names that are no record, paths above all', async () => {
        const { commitment } = someOpening('names')
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

      it('keeps evidence that the contributor signed, after its opening', async () => {
        const { commitment, bytes } = someOpening(`${kind} evidence`)
        const key = evidenceKey(commitment, 4, validator)
        const blob = hashOf(bytesOf(20))
        const record = await signEvidence({ key, blob, account: contributor })
        const early = await refusedWith('record-refused', store.putRecord(key, record))
        expect(early.message).to.contain('before its evidence')

        await store.putRecord(openingKey(commitment), bytes)
        await store.putRecord(key, record)
        const found = await fetchEvidenceRecord(store, { key, contributor: contributor.address })
        expect(found?.blob).to.equal(blob)
        await refusedWith(
          'record-refused',
          fetchEvidenceRecord(store, { key, contributor: stranger.address }),
        )
      })

      it('refuses evidence signed by anybody else, or for another window', async () => {
        const { commitment, bytes } = someOpening(`${kind} forged`)
        await store.putRecord(openingKey(commitment), bytes)
        const blob = hashOf(bytesOf(20))
        const key = evidenceKey(commitment, 1, validator)
        const forged = await signEvidence({ key, blob, account: stranger })
        const error = await refusedWith('record-refused', store.putRecord(key, forged))
        expect(error.message).to.contain(stranger.address)
        const elsewhere = await signEvidence({
          key: evidenceKey(commitment, 2, validator),
          blob,
          account: contributor,
        })
        await refusedWith('record-refused', store.putRecord(key, elsewhere))
        const unsigned = new TextEncoder().encode(JSON.stringify({ blob, signature: `0x${'00'.repeat(65)}` }))
        await refusedWith('record-refused', store.putRecord(key, unsigned))
      })
    })
  })
}
