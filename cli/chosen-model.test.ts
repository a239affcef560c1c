import type { RoundModel } from '@assay/sdk/verbs/rounds/read-models.ts'
import { expect } from 'chai'
import { chooseModel, standingOf } from './chosen-model.ts'
import { CliError } from './failure.ts'

const CLOSED = 1_000
const FINAL = 2_000

function model(round: number, changes: Partial<RoundModel> = {}): RoundModel {
  const hash = `0x${String(round).padStart(64, '0')}` as const
  const times = { closedAt: CLOSED * round, finalAt: FINAL * round }
  return { round, hash, isNew: true, isUndone: false, ...times, creditedWei: 0n, ...changes }
}

describe('which model is fetched', () => {
  const models = [model(1), model(2, { isUndone: true }), model(3), model(5)]
  const choose = (nowSeconds: number, choice: { round?: number; provisional?: boolean } = {}) =>
    chooseModel(models, { taskId: 7n, nowSeconds, ...choice })
  const refusal = (nowSeconds: number, choice?: { round?: number; provisional?: boolean }) => {
    try {
      choose(nowSeconds, choice)
    } catch (error) {
      if (error instanceof CliError) return `${error.kind}: ${error.message} ${error.fix}`
      throw error
    }
    return 'none'
  }

  it('is the newest that is final, never one that a verdict has undone', () => {
    expect(choose(5 * FINAL).round).to.equal(5)
    expect(choose(5 * FINAL - 1).round).to.equal(3)
    expect(choose(3 * FINAL - 1).round).to.equal(1)
    expect(choose(3 * FINAL - 1, { provisional: true }).round).to.equal(5)
  })

  it('is that of a named round', () => {
    expect(choose(5 * FINAL, { round: 1 }).round).to.equal(1)
    expect(refusal(5 * FINAL, { round: 2 })).to.equal(
      'failed: A verdict has undone round 2 and its model. See which there are: assay model list 7.',
    )
    expect(refusal(5 * FINAL, { round: 4 })).to.include('has no model of round 4')
    expect(refusal(FINAL, { round: 3 })).to.match(/^tryAgain: The model of round 3 is provisional until /)
    expect(choose(FINAL, { round: 3, provisional: true }).round).to.equal(3)
  })

  it('is none before the first is final', () => {
    expect(refusal(FINAL - 1)).to.match(
      /^tryAgain: No model of task 7 is final yet: the one of round 1 is provisional until .* --provisional/,
    )
    expect(() => chooseModel([], { taskId: 7n, nowSeconds: 0 })).to.throw(CliError, 'No round of task 7')
    const undone = [model(1, { isUndone: true })]
    expect(() => chooseModel(undone, { taskId: 7n, nowSeconds: FINAL })).to.throw('No round of task 7')
  })

  it('says what may still happen to it', () => {
    expect(standingOf(model(1), FINAL)).to.equal('final')
    expect(standingOf(model(1, { isUndone: true }), FINAL)).to.equal('undone by a verdict')
  })
})
