import { cohortSeats } from '@assay/sdk/protocol/cohorts.ts'
import { PHASES } from '@assay/sdk/protocol/phases.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import fc from 'fast-check'
import { zeroHash } from 'viem'
import { dutyAt, needsRedraw, seatsAt } from './duties.ts'

const ENDS = {
  openEnd: 1_000,
  commitEnd: 1_100,
  revealEnd: 1_200,
  redrawCommitEnd: 1_300,
  redrawRevealEnd: 1_400,
  cohortVoteEnd: 1_500,
  rootVoteEnd: 1_580,
}

describe('the duties of a validator', () => {
  it('come from the phase alone', () => {
    const kinds = PHASES.map((phase) => dutyAt({ phase, ...ENDS }, 1_290)?.kind)
    expect(kinds).to.deep.equal([
      ...Array.from({ length: 5 }, () => undefined),
      'commit',
      'reveal',
      'commit',
      'reveal',
      undefined,
      'voteAggregates',
      'voteModel',
      undefined,
    ])
  })

  it('wait in the redraw until evidence can have been encrypted to the new seats', () => {
    expect(dutyAt({ phase: 'RedrawCommit', ...ENDS }, 1_249)).to.equal(undefined)
    expect(dutyAt({ phase: 'RedrawCommit', ...ENDS }, 1_250)).to.deep.equal({
      kind: 'commit',
      attempt: 1,
      lastCall: false,
      secondsLeft: 25,
      endsAt: ENDS.redrawCommitEnd,
    })
  })

  it('are at the last call in the last quarter of their phase', () => {
    const phases = [
      ['Commit', 'openEnd', 'commitEnd'],
      ['Reveal', 'commitEnd', 'revealEnd'],
      ['RedrawCommit', 'revealEnd', 'redrawCommitEnd'],
      ['RedrawReveal', 'redrawCommitEnd', 'redrawRevealEnd'],
      ['RootVote', 'cohortVoteEnd', 'rootVoteEnd'],
    ] as const
    for (const [phase, start, end] of phases) {
      const endsAt = ENDS[end]
      const lastCallAt = ENDS[start] + 0.75 * (endsAt - ENDS[start])
      expect(dutyAt({ phase, ...ENDS }, lastCallAt - 1)).to.include({
        lastCall: false,
        secondsLeft: 1,
        endsAt,
      })
      const secondsLeft = endsAt - lastCallAt
      expect(dutyAt({ phase, ...ENDS }, lastCallAt)).to.include({ lastCall: true, secondsLeft, endsAt })
    }
    expect(dutyAt({ phase: 'CohortVote', ...ENDS }, 1_479)).to.include({ lastCall: false, secondsLeft: 1 })
    expect(dutyAt({ phase: 'CohortVote', ...ENDS }, 1_480)).to.include({ lastCall: true, secondsLeft: 20 })
  })

  it('are the seats of the shared draw, in both attempts, and none twice', () => {
    const beacons = fc
      .integer({ min: 0, max: 1_000 })
      .map((n): Hash => deriveSeed(zeroHash, 'beacon', BigInt(n)))
    fc.assert(
      fc.property(
        beacons,
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 7, max: 20 }),
        (beacon, count, n) => {
          const draw = {
            beacon,
            count,
            weights: Array.from({ length: n }, (_, i) => 256 + i),
            committeeSize: 3,
          }
          const cohorts = Math.ceil(count / 16)
          for (const attempt of [0, 1] as const)
            for (let cohort = 0; cohort < cohorts; cohort++) {
              const committee = cohortSeats({ ...draw, cohort, attempt })
              const found = draw.weights.flatMap((_, rosterIndex) =>
                seatsAt(draw, attempt, rosterIndex)
                  .filter((seat) => seat.cohort === cohort)
                  .map(({ seat }) => [seat, rosterIndex]),
              )
              expect(found.sort(([a], [b]) => a! - b!)).to.deep.equal(
                committee.map((index, seat) => [seat, index]),
              )
            }
        },
      ),
      { seed: 7, numRuns: 25 },
    )
  })

  it('come a second time only for cohorts without a majority of reveals', () => {
    const redrawn = [0, 1, 2, 3].map((revealed) => needsRedraw({ attempt: 0, revealed, settled: false }, 3))
    expect(redrawn).to.deep.equal([true, true, false, false])
    expect(needsRedraw({ attempt: 1, revealed: 3, settled: false }, 3), 'begun by another seat').to.equal(
      true,
    )
    expect(needsRedraw({ attempt: 0, revealed: 0, settled: true }, 3)).to.equal(false)
  })

  it('are none for a validator outside the roster, or when nobody submitted', () => {
    const draw = { beacon: zeroHash, count: 20, weights: Array(9).fill(256), committeeSize: 3 }
    expect(seatsAt(draw, 0, undefined)).to.deep.equal([])
    expect(seatsAt({ ...draw, count: 0 }, 0, 1)).to.deep.equal([])
  })
})
