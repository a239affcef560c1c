import { expect } from 'chai'
import { formatEther, numberToHex, parseEther } from 'viem'
import {
  type CaseKind,
  type CaseState,
  caseBond,
  caseStage,
  challengerReward,
  commitEndOf,
  deliveryEndOf,
  isSaidByTwo,
  panelAt,
  placesIn,
  readingCosts,
  rewardlessBase,
  seatFee,
  stepBond,
  stepPenalty,
  verdictOf,
  windowPenalty,
  withholdingBond,
  withholdingPenalty,
} from './cases.ts'
import { EVIDENCE_MISSING, WINDOW_DIFFERS, WINDOW_GOOD } from './jury-votes.ts'

const TERMS = { appealSeconds: 100, lastInstance: 2 }
const OPEN: CaseState = {
  verdict: 'none',
  isClosed: false,
  wasSuspended: false,
  instance: 0,
  readyAt: 1_000,
  panel: undefined,
  panelIds: [],
}
const panel = (status: NonNullable<CaseState['panel']>['status'], instance = 0): CaseState => ({
  ...OPEN,
  instance,
  panel: { id: 7n, status, drawnAt: 4_000, endsAt: 5_000, places: [] },
})

describe('What is due in a case', () => {
  it('about a withheld opening is an answer until the deadline, then the verdict', () => {
    expect(caseStage('openingWithheld', OPEN, TERMS, 999)).to.deep.equal({ name: 'answer', until: 1_000 })
    expect(caseStage('openingWithheld', OPEN, TERMS, 1_000)).to.deep.equal({ name: 'conclude' })
  })

  it('with a panel follows the panel, and its appeal', () => {
    const stageAt = (state: CaseState, time: number) => caseStage('falseScore', state, TERMS, time)
    expect(stageAt(panel('drawing'), 0)).to.deep.equal({ name: 'draw' })
    for (const status of ['committing', 'revealing'] as const)
      expect(stageAt(panel(status), 0)).to.deep.equal({ name: 'votes', until: 5_000 })
    for (const status of ['ended', 'empty'] as const) {
      expect(stageAt(panel(status), 5_099)).to.deep.equal({ name: 'appeal', until: 5_100 })
      expect(stageAt(panel(status), 5_100)).to.deep.equal({ name: 'conclude' })
      expect(stageAt(panel(status, 2), 5_000)).to.deep.equal({ name: 'conclude' })
    }
  })

  it('after a verdict is its execution, once the guardian has had its time', () => {
    const guilty: CaseState = { ...OPEN, verdict: 'guilty' }
    expect(caseStage('openingWithheld', guilty, TERMS, 999)).to.deep.equal({ name: 'execution', from: 1_000 })
    expect(caseStage('openingWithheld', guilty, TERMS, 1_000)).to.deep.equal({ name: 'execute' })
    expect(caseStage('falseStep', { ...guilty, isClosed: true }, TERMS, 0)).to.deep.equal({ name: 'closed' })
  })

  it('is what more than half of all jurors decide about a suspended verdict, before and after its time', () => {
    const stageWith = (weightFor: number, weightAgainst: number, time: number) => {
      const poll = { openedAt: 900, totalWeight: 1_024, weightFor, weightAgainst, voted: [] }
      const state: CaseState = { ...OPEN, verdict: 'guilty', wasSuspended: true, poll }
      return caseStage('falseScore', state, TERMS, time).name
    }
    expect(stageWith(512, 512, 999)).to.equal('execution')
    expect(stageWith(512, 512, 1_000)).to.equal('execute')
    expect(stageWith(513, 0, 999)).to.equal('execute')
    for (const time of [999, 1_000]) expect(stageWith(0, 513, time)).to.equal('annul')
  })
})

describe('The sums of a case about a withheld opening', () => {
  it('are a tenth of the stake, and a bond of 5 % of that, but at least the least', () => {
    const terms = { minBond: parseEther('20') }
    expect(withholdingPenalty(parseEther('100'))).to.equal(parseEther('10'))
    expect(withholdingBond(parseEther('100'), terms)).to.equal(parseEther('20'))
    expect(withholdingBond(parseEther('4000'), terms)).to.equal(parseEther('20'))
    expect(withholdingBond(parseEther('4200'), terms)).to.equal(parseEther('21'))
    expect(withholdingBond(19n, { minBond: 0n })).to.equal(0n)
  })
})

describe('The sums of a case about a false step', () => {
  const terms = { minBond: parseEther('20'), jurorMinStake: parseEther('1000'), firstSeats: 3 }

  it('are half of the stake, and a bond that pays the jurors one and a half times', () => {
    expect(stepPenalty(parseEther('100'))).to.equal(parseEther('50'))
    expect(seatFee(terms)).to.equal(parseEther('2'))
    expect(stepBond(parseEther('100'), terms)).to.equal(parseEther('20'))
    expect(stepBond(parseEther('100'), { ...terms, firstSeats: 11 })).to.equal(parseEther('33'))
    expect(stepBond(parseEther('4000'), { ...terms, firstSeats: 11 })).to.equal(parseEther('100'))
  })
})

describe('The sums of a case about a false score or vote', () => {
  const terms = { minBond: parseEther('20'), jurorMinStake: parseEther('1000'), firstSeats: 11 }

  it('have a bond of 5 % of the penalty, at least the court’s, and one and a half times the first panel’s fees', () => {
    expect(caseBond('falseScore', parseEther('4000'), terms)).to.equal(parseEther('60'))
    expect(caseBond('falseModel', parseEther('1000'), terms)).to.equal(parseEther('33'))
    expect(caseBond('falseAggregate', parseEther('1000'), { ...terms, firstSeats: 3 })).to.equal(
      parseEther('20'),
    )
  })
})

describe('What a challenger gets', () => {
  const few = { minBond: parseEther('20'), jurorMinStake: parseEther('1000'), firstSeats: 3 }
  const many = { ...few, firstSeats: 11 }

  it('is 40 % of the penalty less the fees of the first panel', () => {
    expect(challengerReward('falseStep', parseEther('100'), few)).to.equal(parseEther('14'))
    expect(challengerReward('falseStep', parseEther('200'), many)).to.equal(parseEther('18'))
    expect(challengerReward('falseScore', parseEther('1000'), few)).to.equal(parseEther('114'))
    expect(challengerReward('falseModel', parseEther('1000'), many)).to.equal(parseEther('98'))
  })

  it('is nothing up to a base that pays the jurors alone', () => {
    expect(rewardlessBase('falseStep', many)).to.equal(parseEther('110'))
    expect(challengerReward('falseStep', parseEther('100'), many)).to.equal(0n)
    expect(challengerReward('falseStep', parseEther('110'), many)).to.equal(0n)
    expect(challengerReward('falseStep', parseEther('110') + 10n, many)).to.equal(2n)
    expect(rewardlessBase('falseScore', few)).to.equal(parseEther('50'))
  })
})

describe('A panel', () => {
  const committing = { id: 7n, status: 'committing', drawnAt: 1_000, endsAt: 1_180, places: [] } as const

  it('takes commitments for their part of its time, twice as long with all jurors', () => {
    const terms = { commitSeconds: 120, revealSeconds: 60 }
    expect(commitEndOf(committing, terms)).to.equal(1_120)
    expect(commitEndOf({ ...committing, endsAt: 1_360 }, terms)).to.equal(1_240)
  })

  it('once drawn stands where the time of a block puts it, and asks for a call before', () => {
    const terms = { commitSeconds: 120, revealSeconds: 60 }
    const ended = { ...committing, status: 'ended' } as const
    const statusAt = (time: number) => panelAt(ended, terms, time)?.status
    expect([1_000, 1_119, 1_120, 1_179, 1_180].map(statusAt)).to.deep.equal([
      'committing',
      'committing',
      'revealing',
      'revealing',
      'ended',
    ])
    expect(panelAt(committing, terms, 1_000)).to.deep.equal(committing)
    const empty = { ...committing, status: 'empty', endsAt: 1_000 } as const
    expect(panelAt(empty, terms, 9_000)).to.deep.equal(empty)
    expect(panelAt({ ...committing, status: 'drawing' }, terms, 9_000)).to.equal(undefined)
  })

  it('means guilty by any value but the accused one, the evidence missing apart', () => {
    const accused = `0x${'ac'.repeat(32)}` as const
    const verdict = (report: `0x${string}`) => verdictOf(report, { kind: 'falseStep', accused })
    expect([accused, `0x${'00'.repeat(32)}` as const].map(verdict)).to.deep.equal(['acquitted', 'acquitted'])
    expect(verdict(EVIDENCE_MISSING)).to.equal('dismissed')
    expect([`0x${'ad'.repeat(32)}` as const].map(verdict)).to.deep.equal(['guilty'])
  })

  it('has its jurors’ places as a mask', () => {
    expect(placesIn(0n)).to.deep.equal([])
    expect(placesIn((1n << 63n) | 5n)).to.deep.equal([0, 2, 63])
  })
})

describe('What readers report', () => {
  const meaning = (report: `0x${string}`) =>
    verdictOf(report, { kind: 'windowWithheld', accused: numberToHex(9, { size: 32 }) })

  it('is guilt where they got nothing, and the end of the case where the window differs', () => {
    expect(meaning(WINDOW_GOOD)).to.equal('acquitted')
    expect(meaning(WINDOW_DIFFERS)).to.equal('dismissed')
    const verdicts = [0, 2, 9, 77].map((report) => meaning(numberToHex(report, { size: 32 })))
    expect(verdicts).to.deep.equal(['acquitted', 'guilty', 'acquitted', 'acquitted'])
  })
})

describe('The bond of a case', () => {
  it('is the most of the least bond, 5 % of the penalty, and half more than the fees of its first panel', () => {
    const terms = { minBond: parseEther('20'), jurorMinStake: parseEther('1000'), firstSeats: 11 }
    const bond = (kind: CaseKind, base: string) => caseBond(kind, parseEther(base), terms)
    expect(bond('falseScore', '1000')).to.equal(parseEther('33'))
    expect(bond('falseScore', '10000')).to.equal(parseEther('150'))
    expect(bond('windowWithheld', '1000')).to.equal(parseEther('20'))
    expect(caseBond('windowWithheld', 0n, { ...terms, minBond: 1n })).to.equal(parseEther('9'))
    expect(bond('twoStatements', '1000')).to.equal(parseEther('50'))
    expect(bond('openingWithheld', '4200')).to.equal(parseEther('21'))
  })
})

describe('A case about a withheld window', () => {
  it('lets the contributor announce in the first half of the commitments, as the chain rounds it', () => {
    const panel = { id: 1n, status: 'committing', drawnAt: 1_000, endsAt: 1_018, places: [] } as const
    expect(deliveryEndOf(panel, { commitSeconds: 12, revealSeconds: 6 })).to.equal(1_006)
    expect(deliveryEndOf({ ...panel, endsAt: 1_013 }, { commitSeconds: 11, revealSeconds: 2 })).to.equal(
      1_005,
    )
  })

  it('costs a tenth of the stake, or three fees: who asks pays them, or both sides half if two seats said so', () => {
    const terms = { jurorMinStake: parseEther('1000') }
    const costs = (stake: string, saidByTwo: boolean) => {
      const { asker, contributor } = readingCosts({ contributorStake: parseEther(stake), saidByTwo }, terms)
      return [asker, contributor].map((wei) => formatEther(wei))
    }
    expect(windowPenalty(parseEther('100'))).to.equal(parseEther('10'))
    expect(costs('100', true)).to.deep.equal(['3', '3'])
    expect(costs('10', true)).to.deep.equal(['3', '0.5'])
    expect(costs('100', false)).to.deep.equal(['6', '0'])
  })

  it('tells by its context whether two seats said that it was withheld', () => {
    const said = (kind: CaseKind, context: number) =>
      isSaidByTwo({ kind, context: numberToHex(context, { size: 32 }) })
    expect(said('windowWithheld', 1)).to.equal(true)
    expect(said('windowWithheld', 0)).to.equal(false)
    expect(said('falseStep', 1)).to.equal(false)
  })
})
