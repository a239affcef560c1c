import { latestAttempt, recordDuty, setDutyState } from '@assay/daemon/duty-log.ts'
import { expect } from 'chai'
import { zeroAddress } from 'viem'
import { hasLeft, noteEnrolled } from './enrol-duty.ts'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'

const blockOf = (number: bigint) => ({ number })

describe('an account that is not enrolled at a block', () => {
  let place: Workplace
  let context: OpenContext

  before(async () => {
    place = await makeWorkplace()
    context = await place.open()
  })
  after(async () => {
    await context.close()
    await place.remove()
  })

  it('has left if it was enrolled by then, not if its enrolment is in a later block', async () => {
    expect(hasLeft(context, blockOf(489n))).to.equal(false)
    const name = { taskId: 1n, round: 0, duty: 'enrol' }
    recordDuty(context.db, name, 1, { to: zeroAddress, data: '0x' })
    setDutyState(context.db, latestAttempt(context.db, name)!.id, 'mined', { blockNumber: 490n })
    expect(hasLeft(context, blockOf(489n))).to.equal(false)
    expect(hasLeft(context, blockOf(490n))).to.equal(true)
  })

  it('has left if it was seen enrolled, whoever enrolled it', async () => {
    const other = await place.open({ dataDir: `${place.dir}/other` })
    expect(hasLeft(other, blockOf(500n))).to.equal(false)
    noteEnrolled(other, { block: blockOf(500n) })
    expect(hasLeft(other, blockOf(501n))).to.equal(true)
    await other.close()
  })
})
