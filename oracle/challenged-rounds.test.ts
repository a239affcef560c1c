import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { expect } from 'chai'
import { challengedRounds, lookAtNext } from './challenged-rounds.ts'
import { openDocket } from './docket.ts'
import { blockAt, loneOracle } from './fixtures/lone-oracle.ts'

const CHALLENGE_SECONDS = 1_000

/** Rounds 1 … 12, of which each takes 100 seconds; the eleventh ended without a beacon. */
function oracleOfTwelve() {
  const docket = openDocket()
  for (let round = 1; round <= 12; round++) {
    const closedAt = 100 * round
    docket.closings.set(round, {
      closedAt,
      finalAt: closedAt + CHALLENGE_SECONDS,
      wasSealed: round !== 11,
    })
  }
  return loneOracle({}, { docket, courtBudgetWei: 0n }).context
}

async function challengedAt(phase: RoundState['phase'], round: number, now: number): Promise<number[]> {
  const state = { phase, round } as RoundState
  const found = await challengedRounds(oracleOfTwelve(), { state, block: blockAt(now) })
  return found.map((one) => one.round)
}

describe('rounds that a case can be about', () => {
  it('are those that are closed, had a beacon and are not final, the newest first', async () => {
    expect(await challengedAt('Idle', 12, 1_999)).to.deep.equal([12, 10])
    expect(await challengedAt('Submit', 12, 1_999)).to.deep.equal([10])
    expect(await challengedAt('Idle', 11, 1_999)).to.deep.equal([10])
    expect(await challengedAt('Idle', 12, 2_000)).to.deep.equal([12])
    expect(await challengedAt('Idle', 12, 2_200)).to.deep.equal([])
    expect(await challengedAt('Idle', 0, 0)).to.deep.equal([])
  })

  it('are no older than what the chain keeps', async () => {
    expect(await challengedAt('Idle', 10, 0)).to.deep.equal([10, 9, 8, 7, 6, 5, 4, 3])
    expect(await challengedAt('Idle', 2, 0)).to.deep.equal([2, 1])
  })

  it('are looked at once each, one at a time, and forgotten when nobody can be accused any more', async () => {
    const rounds = [3, 2, 1].map((round) => ({ round, closedAt: 0, finalAt: 1, wasSealed: true }))
    const known = new Map<number, string>()
    const looked: number[] = []
    const look = async ({ round }: { round: number }) => {
      looked.push(round)
      return `found in ${round}`
    }
    await lookAtNext(known, rounds.slice(1), look)
    expect([...known]).to.deep.equal([[2, 'found in 2']])
    for (let block = 0; block < 4; block++) await lookAtNext(known, rounds, look)
    expect(looked).to.deep.equal([2, 3, 1])
    await lookAtNext(known, rounds.slice(0, 1), look)
    expect([...known.keys()]).to.deep.equal([3])
  })

  it('are looked at again after an outage', async () => {
    const rounds = [{ round: 1, closedAt: 0, finalAt: 1, wasSealed: true }]
    const known = new Map<number, string>()
    const failed = await lookAtNext(known, rounds, () => Promise.reject(new Error('away'))).catch(String)
    expect(failed).to.equal('Error: away')
    await lookAtNext(known, rounds, async () => 'found')
    expect(known.get(1)).to.equal('found')
  })
})
