import { packageOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { expect } from 'chai'
import { LEAST_PHASES, type Measured, phasesFor, phasesText } from './trial-phases.ts'

const TERMS = { slots: 4, committeeSize: 3 }
const FAST: Measured = {
  startMs: 300,
  real: { stepMs: 1, evaluationMs: 1 },
  slowest: { stepMs: 2, evaluationMs: 2 },
  cores: 8,
  load: 0,
}

describe('the phases of a trial', () => {
  let spec: TaskSpec
  before(async () => {
    // 12 steps in windows of 3, 4 of them replayed; 64 personal samples and a pool of 120 in batches of 16; 12 root steps.
    spec = (await packageOf(smallTask())).spec
  })

  const phases = (change: Partial<Measured>, oracles = 7) =>
    phasesFor(spec, TERMS, { ...FAST, ...change }, oracles).phases

  it('are the least ones on a machine that keeps up', () => {
    const { phases, slowdown } = phasesFor(spec, TERMS, FAST, 7)
    expect(phases).to.deep.equal(LEAST_PHASES)
    expect(slowdown, 'seven oracles on eight processors').to.equal(1)
  })

  it('last as long as seven oracles at once need on a slow machine, with room to spare', () => {
    const slow = { startMs: 1_000, real: { stepMs: 100, evaluationMs: 50 }, cores: 2 }
    const slowest = { stepMs: 200, evaluationMs: 100 }
    const plan = phasesFor(spec, TERMS, { ...FAST, ...slow, slowest }, 7)
    // Judging: 12 root steps, 8 batches, and 4 members with 2 windows of 3 steps, 4 batches, and 2 of shown samples.
    const judging = 12 * 0.2 + 8 * 0.1 + 4 * (2 * 3 * 0.2 + 6 * 0.1)
    const vote = 4 * 8 * 0.1
    expect(plan.slowdown).to.equal(3.5)
    expect(plan.aloneSeconds.commitSeconds).to.be.closeTo(1 + judging, 1e-9)
    expect(plan.aloneSeconds.aggregateSeconds).to.be.closeTo(1 + vote, 1e-9)
    // 2 × 3.5 / 0.75 = 9.33 times as long as alone: 20.5, 9.3, 106.4, 9.3 and 39.2 s.
    expect(plan.phases).to.deep.equal({
      submitSeconds: 25,
      openSeconds: 15,
      commitSeconds: 120,
      revealSeconds: 15,
      aggregateSeconds: 40,
    })
  })

  it('grow with the load of the machine, and all of them with the time that it takes to start', () => {
    const idle = phases({ startMs: 3_000, cores: 2 })
    const loaded = phases({ startMs: 3_000, cores: 2, load: 8 })
    for (const name of Object.keys(LEAST_PHASES) as (keyof typeof LEAST_PHASES)[])
      expect(loaded[name], name).to.be.above(LEAST_PHASES[name]).and.at.least(idle[name])
    // 2 × 3.5 / 0.75 × 3 s, and 2 × 7.5 / 0.75 × 3 s.
    expect(idle.revealSeconds).to.equal(30)
    expect(loaded.revealSeconds).to.equal(60)
  })

  it('grow with the oracles on the machine', () => {
    const slow = { startMs: 4_000, cores: 2 }
    expect(phases(slow, 13).commitSeconds).to.be.above(phases(slow, 7).commitSeconds)
  })

  it('are told with what they follow from', () => {
    const measured = { ...FAST, startMs: 3_000, cores: 2, load: 8 }
    expect(phasesText(phasesFor(spec, TERMS, measured, 7), measured, 7)).to.match(
      /^phases: submit 90 s, .*\n {2}measured here: an engine starts in 3\.0 s .*2 processors, load 8\.0\n.*\n.*7 oracles .*× 7\.5, × 2 /,
    )
  })
})
