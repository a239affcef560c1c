import { expect } from 'chai'
import { FatalDaemonError } from './errors.ts'
import { requireHope } from './hopeless.ts'
import type { PostResult } from './outbox.ts'

describe('a call that enters a task', () => {
  const endOf = (result: PostResult) => {
    try {
      requireHope(result, 'assay enrol 1')
      return undefined
    } catch (error) {
      expect(error).to.be.instanceOf(FatalDaemonError)
      return (error as Error).message
    }
  }
  const refused = (errorName: string): PostResult => ({
    status: 'refused',
    reason: 'No.',
    errorName,
    fix: 'Yes.',
  })

  it('ends the daemon with the reason and the fix when it is refused for good', () => {
    expect(endOf(refused('Tasks_Closed'))).to.equal('No. Yes.')
    expect(endOf(refused('StakeRegistry_FreeStakeTooLow'))).to.equal('No. Yes.')
  })

  it('ends it with the command to use by hand when it was given up', () => {
    const message = endOf({ status: 'exhausted', reason: 'reverted in block 7' })
    expect(message).to.include('reverted in block 7').and.include('`assay enrol 1`')
  })

  it('is waited for when it goes on, or may go through later', () => {
    const hash = `0x${'1'.repeat(64)}` as const
    for (const status of ['sent', 'pending', 'mined'] as const)
      expect(endOf({ status, hash })).to.equal(undefined)
    for (const name of ['Rounds_RosterFull', 'InsufficientFunds', 'Tasks_FundsTooLow'])
      expect(endOf(refused(name)), name).to.equal(undefined)
    expect(endOf({ status: 'refused', reason: 'No.' })).to.equal(undefined)
  })
})
