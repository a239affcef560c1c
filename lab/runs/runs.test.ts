import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { expect } from 'chai'
import { smallBlobs } from '../fixtures/blobs.ts'
import { barsOf } from './bars.ts'
import { replayHonest } from './replays.ts'
import type { Run } from './run.ts'
import { type RunResult, runLab } from './run-lab.ts'
import { fullRuns, playSeries, sweepRuns } from './series.ts'

const RUN: Run = {
  attack: 'zero',
  fraction: 0.25,
  partition: 'iid',
  dataset: 'table',
  rule: 'ours',
  contributors: 4,
  rounds: 1,
  steps: 6,
  windows: 1,
  seed: 1,
  auditAll: false,
  nearCopies: false,
}

describe('runs of the lab', () => {
  let dir: string
  let result: RunResult

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-lab-runs-'))
    result = await runLab(RUN)
  })
  after(() => rm(dir, { recursive: true }))

  it('say what became of attackers and of the honest, beside a run without attackers', () => {
    expect(result).to.deep.include({ ...RUN, recall: 1, falsePositiveRate: 0, attackerPayRatio: 0 })
    expect(result).to.deep.include({ attackerWeightRatio: 0, personPayRatio: null, validatorPayRatio: null })
    expect(result.byRound).to.have.length(1)
    expect(result.cleanAccuracy).to.be.within(0, 1)
    expect(result.verificationCpuSeconds).to.equal(result.newcomerVerificationCpuSeconds)
  })

  it('pay a lazy validator’s entries only where they agree, and prove them false', async () => {
    const lazy = await runLab({ ...RUN, attack: 'lazy-constant', fraction: 0.5 }, { known: result })
    expect(lazy.validatorPayRatio).to.be.within(0, 1)
    expect(lazy.falseEntryRate).to.be.above(0.9)
    expect(lazy.attackerPayRatio).to.equal(null)
  })

  it('take other rules, which judge and pay nobody', async () => {
    const mean = await runLab({ ...RUN, attack: 'scale', rule: 'fedavg' }, { known: result })
    expect(mean).to.deep.include({ recall: null, falsePositiveRate: null, attackerPayRatio: null })
    expect(mean.verificationCpuSeconds).to.equal(0)
    expect(mean.attackerWeightRatio).to.be.within(0.5, 2)
  })

  it('are kept in a file, line by line, and played once', async () => {
    const file = join(dir, 'results.jsonl')
    await writeFile(file, `${JSON.stringify(result)}\n`)
    const played: string[] = []
    const series = () =>
      playSeries([RUN, { ...RUN, attack: 'scale' }], file, {
        isOver: () => false,
        onResult: ({ attack }) => played.push(attack),
      })
    await series()
    expect(played).to.deep.equal(['none', 'scale'])
    await series()
    expect(played).to.have.length(2)
    const lines = (await readFile(file, 'utf8')).trim().split('\n')
    expect(lines).to.have.length(3)
    expect(JSON.parse(lines[2]!)).to.include({ attack: 'scale', dataset: 'table' })
  })

  it('are not added to a file of something else', async () => {
    const file = join(dir, 'notes.txt')
    await writeFile(file, 'milk, eggs')
    const series = playSeries([RUN], file, { isOver: () => false, onResult: () => undefined })
    const error = await series.catch((reason: Error) => reason.message)
    expect(error).to.match(/notes.txt, line 1, holds no result of the lab: name another file with --results$/)
  })

  it('end when time is over', async () => {
    const file = join(dir, 'none.jsonl')
    await playSeries([RUN], file, { isOver: () => true, onResult: () => expect.fail('nothing is played') })
  })

  it('are those of a series: every attack at 20 % by seed, and a sweep around it', () => {
    const full = fullRuns(RUN)
    const attacks = full.filter(({ seed }) => seed === 1).map(({ attack }) => attack)
    expect(new Set(attacks).size).to.equal(attacks.length)
    expect(full.filter(({ attack }) => attack === 'alie').every(({ fraction }) => fraction === 0.2)).to.equal(
      true,
    )
    const sweep = sweepRuns(RUN).filter(({ attack, seed }) => attack === 'alie' && seed === 1)
    expect(sweep.map(({ fraction }) => fraction).slice(0, 5)).to.deep.equal([0.05, 0.1, 0.3, 0.4, 0.2])
    expect(sweep.map(({ dataset }) => dataset).slice(6, 8)).to.deep.equal(['clothes', 'table'])
    expect(sweep.map(({ rule }) => rule).slice(8)).to.deep.equal([
      'fedavg',
      'krum',
      'median',
      'trimmed-mean',
      'fltrust',
    ])
  })

  it('are held to bars, which tell what they found', () => {
    expect(barsOf(result).every(({ holds }) => holds)).to.equal(true)
    const paid = barsOf({ ...result, attackerPayRatio: 0.4, recall: 0.5, falsePositiveRate: 0.02 })
    const missed = paid.filter(({ holds }) => !holds).map(({ what }) => what)
    expect(missed).to.deep.equal(['honest updates flagged', 'recall', "an attacker's pay"])
    const split = barsOf({ ...result, attack: 'sybil-same', personPayRatio: 1.5 })
    expect(split.find(({ what }) => what === "all identities' pay")?.holds).to.equal(false)
  })

  it('replay honest steps, each of which ends where it was committed', async () => {
    const so: number[] = []
    const options = { dataset: smallBlobs, seed: seedOf('replays'), steps: 70 }
    const found = await replayHonest(options, ({ steps }) => so.push(steps))
    expect(found).to.deep.equal({ steps: 72, mismatches: 0, withheld: 0 })
    expect(so).to.deep.equal([60, 72])
  })
})
