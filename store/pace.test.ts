import { expect } from 'chai'
import { longestTransferMs } from './pace.ts'

const pace = { stallTimeoutMs: 30_000, slowestBytesPerSecond: 32_768 }

describe('the longest time of a transfer', () => {
  it('grows with its size', () => {
    expect(longestTransferMs(0, pace)).to.equal(30_000)
    expect(longestTransferMs(65_536, pace)).to.equal(32_000)
    expect(longestTransferMs(67_108_864, pace)).to.equal(30_000 + 2_048_000)
  })

  it('is one that a timer can wait', () => {
    expect(longestTransferMs(Number.MAX_SAFE_INTEGER, pace)).to.equal(2 ** 31 - 1)
  })
})
