import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { judge, verdictText } from '../../scripts/demo/expectations.ts'
import type { DemoReport } from '../../scripts/demo/report-types.ts'
import { run } from './support/command.ts'

const DEMO = join(import.meta.dirname, '../../scripts/demo.ts')
const MIX = ['--contributors', '4', '--attackers', 'copy:1', '--rounds', '2', '--seed', '5']

describe('the demo: two runs with one seed, side by side', () => {
  let folder: string
  let reports: DemoReport[]
  let outputs: string[]

  before(async function () {
    this.timeout(240_000)
    folder = await mkdtemp(join(tmpdir(), 'assay-demo-test-'))
    const runs = await Promise.all(
      ['first', 'second'].map((name) =>
        run(DEMO, [...MIX, '--json', join(folder, `${name}.json`), '--out', join(folder, name)]),
      ),
    )
    for (const { code, stderr } of runs) expect(code, stderr).to.equal(0)
    outputs = runs.map(({ stdout }) => stdout)
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
    const verdicts = judge(report).filter(({ sentence }) => !/^(accuracy|lazy)/.test(sentence))

    expect(
      verdicts.every(({ holds }) => holds),
      verdictText(verdicts),
    ).to.equal(true)
    expect(report.rounds.map(({ round, status }) => [round, status])).to.deep.equal([
      [1, 'final'],
      [2, 'final'],
    ])
    expect(report.rounds[1]!.accuracy).to.be.greaterThan(0.7)
    for (const { behaviour, paidCompute, paidData, submissions } of report.contributors) {
      expect(submissions).to.equal(2)
      if (behaviour !== 'honest') continue
      expect(BigInt(paidCompute) > 0n && BigInt(paidData) > 0n).to.equal(true)
    }
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
  it('leaves no process and no file behind after Ctrl-C', async function () {
    this.timeout(180_000)
    const out = await mkdtemp(join(tmpdir(), 'assay-demo-test-'))
    const demo = spawn(process.execPath, [DEMO, ...MIX, '--out', out, '--json', join(out, 'report.json')], {
      detached: true, // a process group of its own, as a terminal would make
      env: { ...process.env, TMPDIR: out },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    const started = new Promise<void>((seen) => {
      demo.stderr.on('data', (part) => {
        said += part
        if (said.includes('round 1/2')) seen()
      })
    })
    const ended = new Promise<number | null>((closed) => demo.once('close', (code) => closed(code)))
    await Promise.race([started, ended])
    await new Promise((wake) => setTimeout(wake, 500))
    const askedAt = performance.now()
    process.kill(-demo.pid!, 'SIGINT') // reaches every process of the terminal, not only ours

    expect(await ended, said).to.equal(130)
    expect(performance.now() - askedAt).to.be.lessThan(15_000)
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
