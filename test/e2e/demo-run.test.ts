import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildDigitsTask, digitsTestSet, digitsTrainingSet } from '@assay/lab/digits.ts'
import { expect } from 'chai'
import { castOf, demoSeed } from '../../scripts/demo/cast.ts'
import { trainCentrally } from '../../scripts/demo/central.ts'
import { expectationText, judge } from '../../scripts/demo/expectations.ts'
import { parseDemoOptions } from '../../scripts/demo/options.ts'
import type { DemoReport } from '../../scripts/demo/report-types.ts'
import { run } from './support/command.ts'

const DEMO = join(import.meta.dirname, '../../scripts/demo.ts')
/** Few processes, each of which takes seconds of a core, but a contributor and a validator for the court. */
const MIX = ['--contributors', '3', '--attackers', 'copy:1', '--rounds', '2', '--seed', '7']
/** As few processes as a demo can have. */
const FEW = '--contributors 2 --attackers none --validators 7 --lazy-validators 0 --rounds 1'.split(' ')
/** A whole amount as decimal digits. */
const WEI = /^(0|[1-9]\d*)$/

describe('the demo: two runs with one seed, side by side', () => {
  let folder: string
  let reports: DemoReport[]
  let outputs: string[]
  let progress: string[]

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-demo-test-'))
    const runs = await Promise.all(
      ['first', 'second'].map((name) =>
        run(DEMO, [...MIX, '--json', join(folder, `${name}.json`), '--out', join(folder, name)]),
      ),
    )
    for (const { code, stderr } of runs) expect(code, stderr).to.equal(0)
    outputs = runs.map(({ stdout }) => stdout)
    progress = runs[0]!.stderr.split('\n')
    reports = await Promise.all(
      ['first', 'second'].map(async (name) =>
        JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')),
      ),
    )
  })
  after(() => rm(folder, { recursive: true }))

  it('score and pay everybody alike, to the wei', () => {
    const [first, second] = reports.map((report) => ({ ...report, seconds: 0 }))
    expect(second).to.deep.equal(first)
  })

  it('end all their rounds, pay the honest and hardly the others, and lose no wei', () => {
    const [report] = reports as [DemoReport]
    // Two rounds are too few to come near central training, or to have drawn most validators.
    const expectations = judge(report).filter(({ sentence }) => !/^(accuracy|lazy)/.test(sentence))

    expect(
      expectations.every(({ holds }) => holds),
      expectationText(expectations),
    ).to.equal(true)
    expect(report.rounds.map(({ round, status }) => [round, status])).to.deep.equal([
      [1, 'final'],
      [2, 'final'],
    ])
    const [first, second] = report.rounds.map(({ accuracy }) => accuracy)
    expect(second).to.be.greaterThan(first!).and.greaterThan(0.7)
    for (const { behaviour, paidCompute, paidData, submissions } of report.contributors) {
      expect(submissions).to.equal(2)
      if (behaviour !== 'honest') continue
      expect(BigInt(paidCompute) > 0n && BigInt(paidData) > 0n).to.equal(true)
    }
  })

  it('tell each phase of each round while it runs, in its order', () => {
    const phases =
      'train and submit › seal › open › verify and commit scores › reveal › settle › vote aggregates › vote model › finalize › final'
    for (const round of [1, 2]) {
      const told = progress.filter((line) => line.includes(`round ${round}/2: `))
      expect(told.map((line) => line.split(': ')[1])).to.deep.equal([phases])
    }
  })

  it('count all seconds from the first round until the report is there', () => {
    const [report] = reports as [DemoReport]
    const secondOf = (words: string) => Number.parseFloat(progress.find((line) => line.includes(words))!)
    const untilTheLastStep = secondOf('training centrally') - secondOf('round 1/2')
    expect(untilTheLastStep).to.be.greaterThan(0)
    // The last step takes longer than the rounding of both times to tenths of a second.
    expect(report.seconds).to.be.greaterThan(untilTheLastStep + 0.1)
    expect(outputs[0]).to.include(`2 rounds in ${report.seconds} s (set-up apart)`)
  })

  it('write a report with all its fields, each of its type and in its range', () => {
    const [report] = reports as [DemoReport]
    const lists = ['rounds', 'contributors', 'validators', 'cases', 'funds']
    expect(report).to.have.all.keys('seed', 'seconds', 'slowStores', ...lists)
    expect([report.rounds.length, report.contributors.length, report.validators.length]).to.deep.equal([
      2, 3, 8,
    ])
    expect(report.seconds).to.be.a('number').and.greaterThan(0)
    for (const round of report.rounds) {
      expect(round).to.have.all.keys('round', 'status', 'accuracy', 'centralizedAccuracy', 'gasUsed')
      for (const fraction of [round.accuracy, round.centralizedAccuracy]) expect(fraction).to.be.within(0, 1)
      expect(round.gasUsed).to.satisfy(Number.isInteger).and.greaterThan(0)
    }
    for (const one of report.cases) {
      const sums = ['bond', 'slashed', 'reward', 'feePerSeat'] as const
      const who = ['caseId', 'kind', 'round', 'challenger', 'defendant', 'verdict', 'evidence']
      expect(one).to.have.all.keys(...who, ...sums, 'jurors', 'appeals')
      for (const sum of sums) expect(one[sum]).to.match(WEI)
      expect(one.verdict, 'of a case that ended').to.not.equal('none')
    }
    for (const one of report.contributors) {
      const facts = [
        'address',
        'behaviour',
        'paidCompute',
        'paidData',
        'reputationBps',
        'slashed',
        'submissions',
      ]
      expect(one).to.have.all.keys(facts)
      for (const wei of [one.paidCompute, one.paidData, one.slashed]) expect(wei).to.match(WEI)
      expect(one.reputationBps).to.satisfy(Number.isInteger).and.within(0, 10_000)
    }
    for (const one of report.validators) {
      expect(one).to.have.all.keys('address', 'behaviour', 'paidService', 'uptimeBps', 'slashed')
      for (const wei of [one.paidService, one.slashed]) expect(wei).to.match(WEI)
      expect(one.uptimeBps).to.satisfy(Number.isInteger).and.within(0, 10_000)
    }
    expect(report.funds).to.have.all.keys('funded', 'paid', 'refunded', 'remaining', 'reserved')
    for (const wei of Object.values(report.funds)) expect(wei).to.match(WEI)
  })

  it('report what anybody can work out again: the cast, central training, what is left of the funds', async () => {
    const [report] = reports as [DemoReport]
    const options = parseDemoOptions(MIX)!
    const cast = castOf(options)
    const who = ({ address, behaviour }: { address: string; behaviour: string }) => [address, behaviour]
    expect(report.seed).to.equal(7)
    expect(report.contributors.map(who)).to.deep.equal(cast.contributors.map(who))
    expect(report.validators.map(who)).to.deep.equal(cast.validators.map(who))

    const seed = demoSeed(7)
    const taskPackage = await buildDigitsTask({ dir: join(folder, 'package'), seed })
    const test = await digitsTestSet()
    const training = { taskPackage, data: await digitsTrainingSet(), test, rounds: 2, seed }
    const central = await trainCentrally(training)
    expect(report.rounds.map((round) => round.centralizedAccuracy)).to.deep.equal(central)
    for (const { accuracy } of report.rounds)
      expect(accuracy * test.n).to.be.closeTo(Math.round(accuracy * test.n), 1e-6)

    const { funded, paid, refunded, remaining, reserved } = report.funds
    expect([remaining, reserved], 'all was claimed, and the task closed').to.deep.equal(['0', '0'])
    expect(BigInt(refunded)).to.equal(BigInt(funded) - BigInt(paid))
  })

  it('show it in tables and charts', () => {
    const [text = ''] = outputs
    expect(text).to.match(/round +status +accuracy +central +gas/)
    expect(text).to.include('funded').and.include('service × uptime')
    expect(readFileSync(join(folder, 'first/demo.svg'), 'utf8')).to.match(/^<svg/)
    expect(readFileSync(join(folder, 'first/demo.png')).subarray(1, 4).toString()).to.equal('PNG')
  })
})

describe('the demo: ended early', () => {
  it('leaves no process and no file behind after Ctrl-C', async () => {
    const out = await mkdtemp(join(tmpdir(), 'assay-demo-test-'))
    const demo = spawn(process.execPath, [DEMO, ...FEW, '--out', out, '--json', join(out, 'report.json')], {
      detached: true, // a process group of its own, as a terminal would make
      env: { ...process.env, TMPDIR: out },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    const started = new Promise<string>((seen) => {
      demo.stderr.on('data', (part) => {
        said += part
        if (said.includes('round 1/1: train and submit')) seen('started')
      })
    })
    const ended = new Promise<number | null>((closed) => demo.once('close', (code) => closed(code)))
    expect(await Promise.race([started, ended]), said).to.equal('started')
    process.kill(-demo.pid!, 'SIGINT') // reaches every process of the terminal, not only ours

    expect(await ended, said).to.equal(130)
    expect(said).to.include('interrupted')
    expect(membersOf(demo.pid!)).to.deep.equal([])
    expect(readdirSync(out)).to.deep.equal(['logs'])
    await rm(out, { recursive: true })
  })
})

/** Processes that are still there of a process group. */
function membersOf(group: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    const file = `/proc/${pid}/stat`
    if (!/^\d+$/.test(pid) || !existsSync(file)) return false
    try {
      const [state, , pgrp] = readFileSync(file, 'utf8').split(') ')[1]!.split(' ')
      return Number(pgrp) === group && state !== 'Z'
    } catch {
      return false // it ended while we looked
    }
  })
}
