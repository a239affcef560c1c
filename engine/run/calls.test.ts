import { expect } from 'chai'
import type { Batch } from '../package/data.ts'
import { callsOf } from './calls.ts'

const batch = (values: number): Batch => ({
  inputs: { x: new Float32Array(values) },
  y: new Float32Array(1),
})
const lengths = (batches: Batch[], operations: number) =>
  callsOf(batches, { operations }).map((call) => call.length)

describe('the calls of a sandboxed engine', () => {
  const ten = Array.from({ length: 10 }, (_, i) => batch(i + 1))

  it('hold all batches in their order', () => {
    expect(callsOf(ten, { operations: 2 ** 33 }).flat()).to.deep.equal(ten)
  })

  it('hold as many batches as take no more operations than one run may', () => {
    expect(lengths(ten, 1000)).to.deep.equal([10])
    expect(lengths(ten, 2 ** 32)).to.deep.equal([4, 4, 2])
    expect(lengths(ten, 2 ** 34)).to.deep.equal(Array(10).fill(1))
  })

  it('hold one batch at least, and no more values than a sandbox is sent at once', () => {
    expect(lengths(ten, 2 ** 40)).to.deep.equal(Array(10).fill(1))
    const wide = [batch(2 ** 23), batch(2 ** 22), batch(2 ** 23), batch(2)]
    expect(lengths(wide, 1)).to.deep.equal([2, 2])
  })

  it('are one for no batches: the state comes back as it is', () => {
    expect(callsOf([], { operations: 1 })).to.deep.equal([[]])
  })
})
