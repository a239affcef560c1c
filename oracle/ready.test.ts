import type { Hash } from '@assay/sdk/protocol/random.ts'
import { hashIn, ofAccount } from '@assay/sdk/protocol/rounds-slots.ts'
import { PLACE_WORD, packWord } from '@assay/sdk/protocol/words.ts'
import { expect } from 'chai'
import { keccak256 } from 'viem'
import type { OracleContext } from './oracle-context.ts'
import type { TaskPool } from './pool/pool-names.ts'
import { sayReady } from './ready.ts'

const OWN = `0x${'0a'.repeat(20)}` as const
const POOL = hashIn(11n)
const NEXT = hashIn(12n)
const SPEC = hashIn(13n)
const CURRENT = { specHash: SPEC, poolRoot: POOL, firstRound: 1, isAnnounced: false }
const ANNOUNCED = { specHash: SPEC, poolRoot: NEXT, firstRound: 4, isAnnounced: true }
const taskId = 1n

describe('an oracle that has the pool', () => {
  const chain = new Map<Hash, bigint>()
  let posted: { round: number; duty: string }[]
  let looks: number
  let context: OracleContext

  beforeEach(() => {
    chain.clear()
    ;[posted, looks] = [[], 0]
    context = {
      account: { address: OWN },
      config: { taskId },
      reader: { deployment: { contracts: {} }, chain: { readContract: answer } },
      outbox: {
        post: async ({ round, duty }: { round: number; duty: string }) => {
          posted.push({ round, duty })
          return { status: 'pending', hash: keccak256('0x00') }
        },
      },
    } as unknown as OracleContext
  })

  async function answer({ args: [slots] }: { args: [readonly Hash[]] }) {
    looks++
    return [1_800_000_000n, slots.map((slot) => hashIn(chain.get(slot) ?? 0n))]
  }

  function bid(bidAt: bigint, ready = 0n, readyForAnnounced = 0n): void {
    const fields = { account: BigInt(OWN), weight: 0n, firstRound: 3n }
    const word = packWord(PLACE_WORD, { ...fields, bidAt, ready, readyForAnnounced })
    chain.set(ofAccount('joined', taskId, OWN), word)
  }

  const say = (pools: TaskPool[], round = 1, phase: 'Idle' | 'Submit' = 'Idle') =>
    sayReady(context, { round, phase, number: 7n }, pools)

  it('says so while its bid is not ready, and is done then', async () => {
    bid(100n)
    await say([CURRENT])
    await say([CURRENT])
    expect(posted).to.deep.equal(Array(2).fill({ round: 3, duty: `ready/100/1/${POOL}` }))

    bid(100n, 1n)
    await say([CURRENT])
    const before = looks
    await say([CURRENT])
    expect([posted.length, looks]).to.deep.equal([2, before])
  })

  it('looks again when a round opens or ends: a bid that was outbid is a new one', async () => {
    bid(100n, 1n)
    await say([CURRENT])
    bid(200n)
    await say([CURRENT])
    expect(posted).to.deep.equal([])
    await say([CURRENT], 2, 'Submit')
    expect(posted).to.deep.equal([{ round: 3, duty: `ready/200/1/${POOL}` }])
  })

  it('says so for an announced pool, too, as soon as it is here, and not again once that is current', async () => {
    bid(100n, 1n)
    await say([CURRENT])
    await say([CURRENT, ANNOUNCED])
    expect(posted).to.deep.equal([{ round: 3, duty: `ready/100/4/${NEXT}` }])
    bid(100n, 1n, 1n)
    await say([CURRENT, ANNOUNCED])
    bid(100n, 1n)
    await say([{ ...ANNOUNCED, isAnnounced: false }], 4, 'Submit')
    expect(posted).to.have.length(1)
  })

  it('says so for a pool that was there before, has been replaced and comes back', async () => {
    bid(100n)
    await say([CURRENT])
    await say([{ ...CURRENT, firstRound: 9 }], 9, 'Submit')
    expect(posted.map(({ duty }) => duty)).to.deep.equal([`ready/100/1/${POOL}`, `ready/100/9/${POOL}`])
  })

  it('has nothing to say without a bid, or without a pool', async () => {
    await say([CURRENT])
    bid(100n)
    await say([])
    expect(posted).to.deep.equal([])
  })
})
