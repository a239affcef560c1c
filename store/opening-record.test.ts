import { expect } from 'chai'
import { StoreError } from './blob-store.ts'
import { someOpening } from './fixtures/records.ts'
import { decodeOpening } from './opening-record.ts'

const { opening, commitment, bytes } = someOpening('read')
const record = JSON.parse(new TextDecoder().decode(bytes))

/** What parsing the record throws after some of its fields are changed. */
function thrownBy(change: Record<string, unknown>): unknown {
  const changed = new TextEncoder().encode(JSON.stringify({ ...record, ...change }))
  try {
    return decodeOpening(changed, commitment)
  } catch (error) {
    return error
  }
}

describe('an opening record', () => {
  it('is read as it was written', () => {
    expect(decodeOpening(bytes, commitment)).to.deep.equal(opening)
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
    it(`with ${what} is refused as one that opens nothing`, () => {
      const error = thrownBy(change)
      expect(error).to.be.instanceOf(StoreError)
      expect(error).to.include({ code: 'record-refused' })
    })

  it('may name every task that a contract can number', () => {
    expect(thrownBy({ taskId: `${2n ** 64n - 1n}` })).to.match(/hashes to/)
  })

  it('is refused in a short sentence, however much of it is wrong', () => {
    const flood = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`unknown${i}`, 0]))
    expect((thrownBy(flood) as StoreError).message).to.have.length.below(500)
  })
})
