import { expect } from 'chai'
import { parseEther } from 'viem'
import { stakeShortage } from './stake-shortage.ts'

const shortage = (amount: string, free: string) =>
  stakeShortage({
    taskId: 7n,
    amount: parseEther(amount),
    minimum: parseEther('1000'),
    free: parseEther(free),
  })

describe('a stake that is too small to join with', () => {
  it('is none when the minimum is offered and free', () => {
    expect(shortage('1000', '1000')).to.equal(undefined)
    expect(shortage('1500', '2000')).to.equal(undefined)
  })

  it('is told with what is there, what is needed, and the commands', () => {
    expect(shortage('1000', '999.999999999999999999')).to.deep.equal({
      message:
        "Joining the validators of task 7 needs 1000 ASSAY of free stake, and 999.999999999999999999 ASSAY of the account's stake are free.",
      fix: 'Run `assay stake 0.000000000000000001`, then `assay validator join 7 1000`.',
    })
  })

  it('may be joined with less where that is enough for the task', () => {
    expect(shortage('3000', '1200')!.fix).to.equal(
      'Run `assay stake 1800`, then `assay validator join 7 3000`, or join with at most 1200 ASSAY.',
    )
  })

  it('names the least stake of the task, whatever is free', () => {
    expect(shortage('999', '5000')).to.deep.equal({
      message:
        "Task 7 takes validators with 1000 ASSAY or more, and 999 ASSAY were offered; 5000 ASSAY of the account's stake are free.",
      fix: 'Run `assay validator join 7 1000`.',
    })
    expect(shortage('999', '100')!.fix).to.equal('Run `assay stake 900`, then `assay validator join 7 1000`.')
  })
})
