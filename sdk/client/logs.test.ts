import { expect } from 'chai'
import { HttpRequestError, TimeoutError } from 'viem'
import { logsInRanges } from './logs.ts'

/** A node with a log in every block that refuses ranges of more than `most` blocks. */
function node(most: bigint, refusal: string) {
  const asked: [bigint, bigint][] = []
  const fetchRange = async (from: bigint, to: bigint) => {
    asked.push([from, to])
    if (to - from + 1n > most) throw new Error(refusal)
    return Array.from({ length: Number(to - from + 1n) }, (_, i) => from + BigInt(i))
  }
  return { asked, fetchRange }
}

describe('Logs in ranges', () => {
  const all = Array.from({ length: 1_000 }, (_, i) => BigInt(i + 5))
  const range = { from: 5n, to: 1_004n }

  it('are asked for at once where the node allows it', async () => {
    const { asked, fetchRange } = node(10_000n, '')
    expect(await logsInRanges(fetchRange, range)).to.deep.equal(all)
    expect(asked).to.deep.equal([[5n, 1_004n]])
  })

  for (const refusal of [
    'query returned more than 10000 results',
    'eth_getLogs block range is too large',
    'Log response size exceeded',
    'limit exceeded',
  ]) {
    it(`are halved when the node says "${refusal}"`, async () => {
      const { asked, fetchRange } = node(130n, refusal)
      expect(await logsInRanges(fetchRange, range)).to.deep.equal(all)
      expect(asked.length, 'three halvings, eight answers, one try at more').to.equal(3 + 8 + 1)
    })
  }

  it('grow again where the node allows more, up to the first span', async () => {
    const spans: bigint[] = []
    const covered = await logsInRanges(
      async (from, to) => {
        spans.push(to - from + 1n)
        if (from < 2_000n && to - from >= 1_000n) throw new Error('query returned more than 10000 results')
        return [to - from + 1n]
      },
      { from: 0n, to: 499_999n },
    )
    expect(covered.reduce((sum, span) => sum + span, 0n)).to.equal(500_000n)
    expect(spans.slice(-3, -1)).to.deep.equal([50_000n, 50_000n])
    expect(spans.length, 'without growing: 640').to.be.lessThan(50)
    expect(spans.every((span) => span <= 50_000n)).to.equal(true)
  })

  for (const refusal of [
    new Error('rate limit exceeded'),
    new Error('Your app has exceeded its compute units per second capacity'),
    new Error('50/second request limit reached - reduce calls per second'),
    new Error('daily request count exceeded, request rate limited'),
    new HttpRequestError({ url: 'http://node', status: 429, details: 'limit exceeded' }),
  ]) {
    it(`are not halved when they are asked for too often: "${refusal.message.split('\n')[0]}"`, async () => {
      let questions = 0
      const failure = await logsInRanges(async () => {
        questions++
        throw refusal
      }, range).catch((error: unknown) => error)
      expect(failure).to.equal(refusal)
      expect(questions).to.equal(1)
    })
  }

  it('are given up after four halvings in a row without an answer in time', async () => {
    const late = new TimeoutError({ body: {}, url: 'http://node' })
    const spans: bigint[] = []
    const failure = await logsInRanges(
      async (from, to) => {
        spans.push(to - from + 1n)
        throw late
      },
      { from: 1n, to: 1_000n },
    ).catch((error: unknown) => error)
    expect(failure).to.equal(late)
    expect(spans).to.deep.equal([1_000n, 500n, 250n, 125n, 62n])
  })

  it('start at no more than 50,000 blocks', async () => {
    const asked: [bigint, bigint][] = []
    await logsInRanges(
      async (from, to) => {
        asked.push([from, to])
        return []
      },
      { from: 0n, to: 120_000n },
    )
    expect(asked).to.deep.equal([
      [0n, 49_999n],
      [50_000n, 99_999n],
      [100_000n, 120_000n],
    ])
  })

  it('of an empty range are none', async () => {
    expect(await logsInRanges(node(1n, '').fetchRange, { from: 7n, to: 6n })).to.deep.equal([])
  })

  it('fail at once for another reason, and for a single block that is too much', async () => {
    const { asked, fetchRange } = node(5n, 'connection refused')
    expect(await failureOf(logsInRanges(fetchRange, range))).to.equal('connection refused')
    expect(asked).to.have.length(1)
    expect(await failureOf(logsInRanges(node(0n, 'limit exceeded').fetchRange, range))).to.equal(
      'limit exceeded',
    )
  })
})

async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return (error as Error).message
  }
  return 'none'
}
