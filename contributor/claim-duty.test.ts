import { latestAttempt, recordDuty, setDutyState } from '@assay/daemon/duty-log.ts'
import { expect } from 'chai'
import { zeroAddress } from 'viem'
import { nextClaim } from './claim-duty.ts'
import { makeWorkplace } from './fixtures/workplace.ts'

describe('the next claim', () => {
  it('is the one on its way, as the chain was at a block, though its receipt is newer', async () => {
    const place = await makeWorkplace()
    const context = await place.open()
    const name = { taskId: 1n, round: 0, duty: 'claim/1' }
    recordDuty(context.db, name, 1, { to: zeroAddress, data: '0x' })
    setDutyState(context.db, latestAttempt(context.db, name)!.id, 'mined', { blockNumber: 490n })
    const claims = [489n, 490n, 491n].map((number) => nextClaim(context, { number }))
    expect(claims).to.deep.equal(['claim/1', 'claim/2', 'claim/2'])
    await context.close()
    await place.remove()
  })
})
