import { expect } from 'chai'
import { type BlobStore, type RecordOptions, StoreError } from './blob-store.ts'
import { contributor, someOpening, stranger } from './fixtures/records.ts'
import { decodeOpening, fetchCommitted, signOpening } from './opening-record.ts'

const { opening, commitment, bytes } = await someOpening('read')
const record = JSON.parse(new TextDecoder().decode(bytes))

/** What parsing the record throws after some of its fields are changed. */
async function thrownBy(change: Record<string, unknown>): Promise<unknown> {
  const changed = new TextEncoder().encode(JSON.stringify({ ...record, ...change }))
  return decodeOpening(changed, commitment).catch((error: unknown) => error)
}

/** The same signature with its s in the other half: whoever sees one can make the other. */
function mirrored(signature: string): string {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0')
  return `${signature.slice(0, 66)}${s}${signature.endsWith('1b') ? '1c' : '1b'}`
}

describe('an opening record', () => {
  it('is read as it was written', async () => {
    expect(await decodeOpening(bytes, commitment)).to.deep.equal(opening)
  })

  it('is read again as it was written, whatever its first reader did to it, and for its commitment alone', async () => {
    const first = await decodeOpening(bytes, commitment)
    first.contributor = stranger.address
    expect(await decodeOpening(bytes, commitment)).to.deep.equal(opening)
    const other = await decodeOpening(bytes, `0x${'0e'.repeat(32)}`).catch((error: unknown) => error)
    expect(other).to.match(/this opening hashes to/)
  })

  it('is the same bytes however often it is signed', async () => {
    expect(await signOpening(opening, contributor)).to.deep.equal(bytes)
  })

  it('is refused when a store changed what only the signature covers (attack 33)', async () => {
    const { stateHash, proof } = opening.finalState
    for (const change of [
      { finalState: { stateHash: commitment, proof } },
      { finalState: { stateHash, proof: proof.slice(1) } },
      { updateSizeBytes: opening.updateSizeBytes + 1 },
    ])
      expect(await thrownBy(change)).to.match(/is signed by 0x.*; only 0x.* may sign it/)
  })

  it('is refused when nobody, or a stranger, signed it', async () => {
    expect(await thrownBy({ signature: undefined })).to.include({ code: 'record-refused' })
    const forged = await signOpening(opening, stranger)
    const error = await decodeOpening(forged, commitment).catch((reason: unknown) => reason)
    expect(error).to.match(new RegExp(`signed by ${stranger.address}`))
  })

  it('tells what its commitment fixes whoever signed it, and nothing else', async () => {
    const shown = async (record: Uint8Array) => {
      const store = {
        getRecord: async (_: string, { check }: RecordOptions = {}) => {
          await check?.(record)
          return record
        },
      }
      return fetchCommitted(store as unknown as BlobStore, commitment)
    }
    const { updateSizeBytes, finalState, ...committed } = opening
    const forged = await signOpening({ ...opening, updateSizeBytes: 1 }, stranger)
    expect(await shown(bytes)).to.deep.equal(committed)
    expect(await shown(forged)).to.deep.equal(committed)
    const other = await signOpening({ ...opening, updateHash: opening.stateRoot }, contributor)
    expect(await shown(other).catch((error: unknown) => error)).to.match(/this opening hashes to/)
  })

  it('has only one spelling, so that nobody can take its name with another', async () => {
    expect(await thrownBy({ signature: mirrored(record.signature) })).to.match(/s in the lower half/)
    const spaced = new TextEncoder().encode(JSON.stringify(record, null, 1))
    const error = await decodeOpening(spaced, commitment).catch((reason: unknown) => reason)
    expect(error).to.match(/not in its only spelling/)
    expect(await thrownBy({ contributor: opening.contributor.toLowerCase() })).to.match(/only spelling/)
  })

  const wrong: [string, Record<string, unknown>][] = [
    ['a task id of 30 digits', { taskId: '9'.repeat(30) }],
    ['the first task id beyond uint64', { taskId: `${2n ** 64n}` }],
    ['a task id that is no number', { taskId: '-1' }],
    ['a round beyond uint32', { round: 2 ** 32 }],
    ['steps beyond uint32', { steps: 2 ** 32 }],
    ['a chain id beyond what JSON holds exactly', { chainId: 2 ** 53 }],
    ['a contract whose checksum is wrong', { rounds: `0x${'aB'.repeat(20)}` }],
    ['a contributor whose checksum is wrong', { contributor: `0x${'aB'.repeat(20)}` }],
    ['a proof without end', { finalState: { ...record.finalState, proof: Array(900).fill(commitment) } }],
  ]
  for (const [what, change] of wrong)
    it(`with ${what} is refused as one that opens nothing`, async () => {
      const error = await thrownBy(change)
      expect(error).to.be.instanceOf(StoreError)
      expect(error).to.include({ code: 'record-refused' })
    })

  it('may name every task that a contract can number', async () => {
    expect(await thrownBy({ taskId: `${2n ** 64n - 1n}` })).to.match(/hashes to/)
  })

  it('is refused in a short sentence, however much of it is wrong', async () => {
    const flood = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`unknown${i}`, 0]))
    expect(((await thrownBy(flood)) as StoreError).message).to.have.length.below(500)
  })
})
