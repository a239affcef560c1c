import { expect } from 'chai'
import type { PublicClient } from 'viem'
import type { Block } from './clock.ts'
import { fixedPace, openPace, pollMsFor } from './pace.ts'

describe('the pace of a daemon', () => {
  it('is four looks a block, within bounds', () => {
    const slow: [blockMs: number, pollMs: number][] = [
      [12_000, 2_000],
      [2_000, 500],
      [1_000, 250],
      [250, 100],
      [0, 100],
    ]
    for (const [blockMs, pollMs] of slow) expect(pollMsFor(blockMs, false), `${blockMs}`).to.equal(pollMs)
  })

  it('is quick on a chain of this machine, however long it was quiet', () => {
    expect(pollMsFor(3_600_000, true)).to.equal(200)
    expect(pollMsFor(100, true)).to.equal(100)
  })

  /** A chain with a block every `seconds`, which notes the blocks it is asked for. */
  function chainOf(seconds: bigint) {
    const asked: bigint[] = []
    const getBlock = async ({ blockNumber }: { blockNumber: bigint }) => {
      asked.push(blockNumber)
      return { timestamp: blockNumber * seconds }
    }
    const head = (number: bigint) => ({ number, timestamp: number * seconds }) as Block
    return { asked, head, chain: { getBlock } as unknown as PublicClient }
  }

  it("follows the chain's own timestamps, and measures again every 32 blocks", async () => {
    const { asked, chain, head } = chainOf(4n)
    const pace = openPace(false)
    expect(pace.pollMs()).to.equal(200)
    for (const number of [100n, 101n, 131n, 132n]) await pace.measure(chain, head(number))
    expect(pace.pollMs()).to.equal(1_000)
    expect(asked).to.deep.equal([68n, 100n])
  })

  it('measures a young chain from its first block, and again after it went back', async () => {
    const { asked, chain, head } = chainOf(2n)
    const pace = openPace(false)
    await pace.measure(chain, head(0n))
    expect(pace.pollMs()).to.equal(200)
    for (const number of [5n, 3n]) await pace.measure(chain, head(number))
    expect(pace.pollMs()).to.equal(500)
    expect(asked).to.deep.equal([0n, 0n])
  })

  it('is what somebody chose', async () => {
    const { asked, chain, head } = chainOf(12n)
    const pace = fixedPace(7)
    await pace.measure(chain, head(100n))
    expect(pace.pollMs()).to.equal(7)
    expect(asked).to.deep.equal([])
  })
})
