import { expect } from 'chai'
import { packageOf, smallTask } from '../fixtures/small-tasks.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { contributorShares, fitsPhase, validatorShares } from './time-shares.ts'

const TERMS = {
  submitSeconds: 20,
  commitSeconds: 40,
  aggregateSeconds: 15,
  slots: 16,
  committeeSize: 3,
  replayWindows: 4,
}
const TIMES = { stepMs: 100, evaluationMs: 50 }

describe("somebody's share of a round", () => {
  let spec: TaskSpec
  before(async () => {
    // 12 steps in windows of 3; 64 personal samples and a pool of 120 in batches of 16; 12 root steps.
    spec = (await packageOf(smallTask())).spec
  })

  it('is, for a contributor, the training of all steps', () => {
    expect(contributorShares(spec, TERMS, TIMES)).to.deep.equal([
      { what: 'training', phase: 'submitSeconds', neededSeconds: 1.2, phaseSeconds: 20 },
    ])
  })

  it('is, for a validator, reference, replays and evaluations of its cohorts, and the vote', () => {
    // Once: 12 steps, a model. A member: 2 windows of 3 steps, 4 batches, and 2 of shown samples. The vote: 4 models of 8 batches.
    const cohort = 12 * 0.1 + 8 * 0.05 + 16 * (2 * 3 * 0.1 + 4 * 0.05 + 2 * 0.05)
    const [judging, vote] = validatorShares(spec, TERMS, TIMES)
    expect(judging).to.include({ what: 'judging 1 of 1 cohorts', phase: 'commitSeconds', phaseSeconds: 40 })
    expect(judging!.neededSeconds).to.be.closeTo(cohort, 1e-9)
    expect(vote).to.include({ phase: 'aggregateSeconds', phaseSeconds: 15 })
    expect(vote!.neededSeconds).to.be.closeTo(4 * 8 * 0.05, 1e-9)
  })

  it('has a vote on no more of a large pool than a round judges by', () => {
    const large = {
      ...spec,
      pool: { ...spec.pool, samples: 100_000 },
      target: { kind: 'class' as const, classes: 4 },
    }
    const vote = validatorShares(large, TERMS, TIMES)[1]!
    // Twice 64 personal samples, and up to 8 more of each stratum: 10 batches.
    expect(vote.neededSeconds).to.be.closeTo(4 * 10 * 0.05, 1e-9)
  })

  it('grows with the cohorts that one is likely drawn for, and shrinks with more validators', () => {
    const many = { ...TERMS, slots: 160 }
    const drawn = (validators?: number) => validatorShares(spec, many, TIMES, validators)[0]!.what
    expect(drawn()).to.equal('judging 8 of 10 cohorts')
    expect(drawn(64)).to.equal('judging 2 of 10 cohorts')
    expect(validatorShares(spec, { ...TERMS, slots: 1 }, TIMES)[0]!.what).to.equal('judging 1 of 1 cohorts')
  })

  it('fits a phase when it leaves a quarter of it', () => {
    const share = { what: 'training', phase: 'submitSeconds' as const, phaseSeconds: 20 }
    expect(fitsPhase({ ...share, neededSeconds: 15 })).to.equal(true)
    expect(fitsPhase({ ...share, neededSeconds: 15.1 })).to.equal(false)
  })
})
