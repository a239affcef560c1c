import { openTold } from '@assay/daemon/told.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { hashIn, ofAccount, ofKey, ofTask } from '@assay/sdk/protocol/rounds-slots.ts'
import { PLACE_WORD, POOL_WORD, packWord } from '@assay/sdk/protocol/words.ts'
import { expect } from 'chai'
import { keccak256 } from 'viem'
import type { OracleContext } from './oracle-context.ts'
import { sayReady } from './ready.ts'

const OWN = `0x${'0a'.repeat(20)}` as const
const POOL = hashIn(11n)
const NEXT = hashIn(12n)
const SPEC = hashIn(13n)
const taskId = 1n

describe('an oracle that has the pool', () => {
  const chain = new Map<Hash, bigint>()
  let posted: { round: number; duty: string }[]
  let said: string[]
  let looks: number
  let context: OracleContext

  beforeEach(() => {
    chain.clear()
    chain.set(ofTask('roundTerms', taskId), 1n)
    ;[posted, said, looks] = [[], [], 0]
    pool(0n)
    context = {
      account: { address: OWN },
      config: { taskId },
      told: openTold(),
      log: { warn: (_: object, words: string) => said.push(words), debug: () => undefined },
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

  /** The task's pool is POOL; NEXT may be announced for a round. */
  function pool(announcedFor: bigint): void {
    const word = packWord(POOL_WORD, { current: 1n, firstRound: 1n, announcedFor })
    chain.set(ofTask('pools', taskId), word)
    chain.set(ofKey('poolRoots', taskId, 1), BigInt(POOL))
    chain.set(ofKey('poolRoots', taskId, 0), BigInt(NEXT))
  }

  function bid(bidAt: bigint, ready = 0n, readyForAnnounced = 0n): void {
    const fields = { account: BigInt(OWN), weight: 0n, firstRound: 3n }
    const word = packWord(PLACE_WORD, { ...fields, bidAt, ready, readyForAnnounced })
    chain.set(ofAccount('joined', taskId, OWN), word)
  }

  const say = (poolRoot: Hash, round = 1, phase: 'Idle' | 'Submit' = 'Idle') =>
    sayReady(context, { round, phase }, { specHash: SPEC, poolRoot })

  it('says so while its bid is not ready, and is done then', async () => {
    bid(100n)
    await say(POOL)
    await say(POOL)
    expect(posted).to.deep.equal(Array(2).fill({ round: 3, duty: `ready/100/${POOL}` }))

    bid(100n, 1n)
    await say(POOL)
    const before = looks
    await say(POOL)
    expect([posted.length, looks]).to.deep.equal([2, before])
  })

  it('looks again when a round opens or ends: a bid that was outbid is a new one', async () => {
    bid(100n, 1n)
    await say(POOL)
    bid(200n)
    await say(POOL)
    expect(posted).to.deep.equal([])
    await say(POOL, 2, 'Submit')
    expect(posted).to.deep.equal([{ round: 3, duty: `ready/200/${POOL}` }])
  })

  it('says so for an announced pool, too', async () => {
    pool(4n)
    bid(100n, 1n)
    await say(NEXT)
    expect(posted).to.deep.equal([{ round: 3, duty: `ready/100/${NEXT}` }])
    bid(100n, 1n, 1n)
    await say(NEXT)
    expect(posted).to.have.length(1)
  })

  it('does not say so for a pool that the task does not have, and tells once', async () => {
    bid(100n)
    await say(NEXT)
    await say(NEXT)
    expect(posted).to.deep.equal([])
    expect(said).to.deep.equal(['not ready: the task has another pool by now'])
  })

  it('has nothing to say without a bid', async () => {
    await say(POOL)
    expect([posted, said]).to.deep.equal([[], []])
  })
})
