import type { DatabaseSync } from 'node:sqlite'
import type { LogKeeper } from '@assay/sdk/client/logs.ts'
import { expect } from 'chai'
import type { PublicClient } from 'viem'
import { openDaemonDatabase } from './database.ts'
import { openLogKeeper } from './log-keeper.ts'

const FROM = 10n

type Log = { blockNumber: bigint; args: { amount: bigint; who: string } }

describe('logs that a daemon keeps', () => {
  let db: DatabaseSync
  let keeper: LogKeeper
  /** Name of the chain's blocks from `fork` on. */
  let branch: { fork: bigint; name: string }
  let blocksWithLogs: bigint[]
  let asked: [bigint, bigint][]

  beforeEach(() => {
    db = openDaemonDatabase(':memory:', [])
    branch = { fork: 1_000_000n, name: 'b' }
    blocksWithLogs = [12n, 400n, 990n]
    asked = []
    keeper = openLogKeeper(db, chain)
  })
  afterEach(() => db.close())

  const nameOf = (block: bigint) => (block < branch.fork ? 'a' : branch.name)
  const chain = {
    getBlock: async ({ blockNumber }: { blockNumber: bigint }) => ({
      hash: `${nameOf(blockNumber)} ${blockNumber}`,
    }),
  } as unknown as PublicClient
  const logAt = (block: bigint): Log => ({
    blockNumber: block,
    args: { amount: 2n ** 90n, who: nameOf(block) },
  })
  const fetchRange = async (from: bigint, to: bigint) => {
    asked.push([from, to])
    return blocksWithLogs.filter((block) => block >= from && block <= to).map(logAt)
  }
  const collect = (to: bigint, from = FROM) => keeper.collect('Enrolled/1', fetchRange, { from, to })

  it('are read from the first block once, and then only where the chain is new', async () => {
    const all = [12n, 400n, 990n].map(logAt)
    expect(await collect(1_000n)).to.deep.equal(all)
    expect(await collect(1_001n)).to.deep.equal(all)
    keeper = openLogKeeper(db, chain)
    blocksWithLogs.push(1_002n)
    expect(await collect(1_002n)).to.deep.equal([...all, logAt(1_002n)])
    expect(asked).to.deep.equal([
      [10n, 1_000n],
      [873n, 1_001n],
      [873n, 1_002n],
    ])
  })

  it('are kept once, however many ask at the same time', async () => {
    const all = [12n, 400n, 990n].map(logAt)
    for (const to of [500n, 1_000n, 1_128n])
      for (const answer of await Promise.all([collect(to), collect(to), collect(to + 1n)]))
        expect(answer, `${to}`).to.deep.equal(all.filter(({ blockNumber }) => blockNumber <= to))
    expect(await collect(1_129n)).to.deep.equal(all)
  })

  it('move their cursor once in 128 blocks', async () => {
    for (const to of [1_000n, 1_127n, 1_128n, 1_129n]) await collect(to)
    expect(asked.map(([from]) => from)).to.deep.equal([10n, 873n, 873n, 1_001n])
  })

  it('are those of the chain as it is after a reorganisation, of any depth', async () => {
    await collect(1_000n)
    for (const [depth, from] of [
      [128n, 873n],
      [129n, 10n],
    ] as const) {
      asked = []
      branch = { fork: 1_001n - depth, name: `fork of ${depth}` }
      expect(await collect(1_000n)).to.deep.equal(blocksWithLogs.map(logAt))
      expect(asked, `${depth} blocks`).to.deep.equal([[from, 1_000n]])
    }
  })

  it('are kept apart by question and by first block', async () => {
    await collect(1_000n)
    expect(await keeper.collect('Enrolled/2', async () => [], { from: FROM, to: 1_000n })).to.deep.equal([])
    expect(await collect(1_000n, 13n)).to.deep.equal([400n, 990n].map(logAt))
    expect(asked).to.deep.equal([
      [10n, 1_000n],
      [13n, 1_000n],
    ])
  })

  it('end where the question ends, also if the node fell behind', async () => {
    await collect(1_000n)
    expect(await collect(399n)).to.deep.equal([logAt(12n)])
  })

  it('are asked for again once they are forgotten, because something is missing', async () => {
    blocksWithLogs = [12n]
    await collect(1_000n)
    blocksWithLogs = [12n, 400n]
    expect(await collect(1_000n)).to.deep.equal([logAt(12n)])
    keeper.forget('Enrolled/1')
    expect(await collect(1_000n)).to.deep.equal([12n, 400n].map(logAt))
  })

  it('are not kept when the node fails in between', async () => {
    const broken = openLogKeeper(db, {
      getBlock: async () => {
        throw new Error('the node is down')
      },
    } as unknown as PublicClient)
    const failure = await broken
      .collect('Enrolled/1', fetchRange, { from: FROM, to: 1_000n })
      .catch((error: Error) => error)
    expect((failure as Error).message).to.equal('the node is down')
    expect(await collect(1_000n)).to.have.length(3)
    expect(asked.map(([from]) => from)).to.deep.equal([10n, 10n])
  })
})
