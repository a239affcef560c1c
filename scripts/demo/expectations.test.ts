import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '../../test/e2e/support/command.ts'
import { expectationText, judge } from './expectations.ts'
import type { DemoReport } from './report-types.ts'

const EXPECTATIONS = join(import.meta.dirname, 'expectations.ts')

/** A run that shows everything, with values just inside of what is asked. */
function goodReport(): DemoReport {
  const honest = { behaviour: 'honest', slashed: '0' } as const
  const contributor = { ...honest, reputationBps: 9000, submissions: 6 }
  return {
    seed: 1,
    slowStores: 1,
    seconds: 60,
    rounds: [{ round: 1, status: 'final', accuracy: 0.86, centralizedAccuracy: 0.9, gasUsed: 1_000_000 }],
    contributors: [
      { ...contributor, address: '0xa1', paidCompute: '60', paidData: '40' },
      { ...contributor, address: '0xa2', paidCompute: '50', paidData: '50' },
      { ...contributor, address: '0xa3', paidCompute: '90', paidData: '110' },
      { ...contributor, address: '0xbad', behaviour: 'copy', paidCompute: '20', paidData: '10' },
      { ...contributor, address: '0xbed', behaviour: 'withhold', paidCompute: '40', paidData: '40' },
    ],
    validators: [
      { ...honest, address: '0xb1', paidService: '20', uptimeBps: 10_000 },
      { ...honest, address: '0xb2', paidService: '30', uptimeBps: 10_000 },
      { ...honest, address: '0xb3', paidService: '10', uptimeBps: 10_000 },
      { behaviour: 'lazy', address: '0xb4', paidService: '10', uptimeBps: 10_000, slashed: '0' },
      { behaviour: 'silent', address: '0xb5', paidService: '0', uptimeBps: 0, slashed: '7' },
    ],
    cases: [],
    funds: { funded: '1080', paid: '580', refunded: '300', remaining: '200', reserved: '200' },
  }
}

function broken(change: (report: DemoReport) => void): string[] {
  const report = goodReport()
  change(report)
  return judge(report, clean())
    .filter(({ holds }) => !holds)
    .map(({ sentence }) => sentence)
}

function clean(): DemoReport {
  const report = goodReport()
  report.rounds[0]!.accuracy = 0.89
  return report
}

describe('the demo: what it must show', () => {
  it('is shown by a good run, at the limits of every promise', () => {
    expect(broken(() => undefined)).to.deep.equal([])
    expect(expectationText(judge(goodReport()))).to.not.include('VIOLATED')
  })

  const violations: [name: string, change: (report: DemoReport) => void, sentence: RegExp][] = [
    [
      'who skips three tenths of the training keeps more than two thirds of its pay',
      (r) => (r.contributors[4]!.paidCompute = '41'),
      /^withhold 0xbed earned 0\.6833 of the median honest contributor's pay for compute, at most 0\.67$/,
    ],
    [
      'an attacker earns a wei too much',
      (r) => (r.contributors[3]!.paidData = '11'),
      /^copy 0xbad earned 0\.31/,
    ],
    ['an honest contributor is slashed', (r) => (r.contributors[0]!.slashed = '1'), /but 0xa1 lost 1 wei/],
    ['an honest validator is slashed', (r) => (r.validators[2]!.slashed = '1'), /but 0xb3 lost 1 wei/],
    [
      'a silent validator keeps its stake',
      (r) => (r.validators[4]!.slashed = '0'),
      /silent validator 0xb5 lost 0 wei/,
    ],
    [
      'the model is worse than central training',
      (r) => (r.rounds[0]!.centralizedAccuracy = 0.901),
      /of central training/,
    ],
    ['attackers cost accuracy', (r) => (r.rounds[0]!.accuracy = 0.859), /without attackers/],
    [
      'a slow store costs an honest contributor a wei',
      (r) => (r.contributors[1]!.paidData = '49'),
      /because of 1 slow stores; but 0xa2 earned 99 wei instead of 100/,
    ],
    [
      'a slow store costs an honest validator a wei',
      (r) => (r.validators[0]!.paidService = '19'),
      /slow stores; but 0xb1 earned 19 wei instead of 20/,
    ],
    [
      'a slow store has an honest contributor flagged',
      (r) => (r.contributors[0]!.reputationBps = 8999),
      /slow stores; but 0xa1 lost reputation/,
    ],
    ['a round is void', (r) => (r.rounds[0]!.status = 'void'), /round 1 is void/],
    ['a wei of the funds is gone', (r) => (r.funds.refunded = '299'), /^funded 1080 = paid 580/],
    ['more is reserved than there is', (r) => (r.funds.reserved = '201'), /201 of it reserved/],
    [
      'somebody was credited a wei that was not paid',
      (r) => (r.contributors[2]!.paidCompute = '91'),
      /adds up to 581/,
    ],
  ]
  for (const [name, change, sentence] of violations) {
    it(`is violated when ${name}`, () => {
      const found = broken((report) => {
        report.funds.paid = String(580)
        change(report)
      })
      expect(
        found.some((text) => sentence.test(text)),
        found.join('\n'),
      ).to.equal(true)
    })
  }

  it('is violated when a lazy validator earns a wei too much', () => {
    const found = broken((report) => (report.validators[3]!.paidService = '11'))
    expect(found.join('\n')).to.match(/lazy validator 0xb4 earned 0\.55/)
  })

  it('decides the exit code of the command', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-expectations-'))
    try {
      const [good, bad] = [join(folder, 'good.json'), join(folder, 'bad.json')]
      await writeFile(good, JSON.stringify(goodReport()))
      await writeFile(bad, JSON.stringify({ ...goodReport(), rounds: [] }))
      const codes = await Promise.all([[good, good], [bad], []].map((files) => run(EXPECTATIONS, files)))
      expect(codes.map(({ code }) => code)).to.deep.equal([0, 1, 2])
      expect(codes[1]!.stdout).to.include('VIOLATED  there was no round')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
