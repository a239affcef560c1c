import type { AssayClient } from '@assay/sdk/client/clients.ts'
import { transfer } from '@assay/sdk/verbs/assay-token/transfer.ts'
import { readBids } from '@assay/sdk/verbs/rounds/read-bids.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { ready } from '@assay/sdk/verbs/rounds/ready.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { stake } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { announcePool } from '@assay/sdk/verbs/tasks/announce-pool.ts'
import { createTask } from '@assay/sdk/verbs/tasks/create-task.ts'
import { joinValidators } from '@assay/sdk/verbs/tasks/join-validators.ts'
import { leaveValidators } from '@assay/sdk/verbs/tasks/leave-validators.ts'
import { raiseValidatorStake } from '@assay/sdk/verbs/tasks/raise-validator-stake.ts'
import { expect } from 'chai'
import { keccak256, parseEther, toHex } from 'viem'
import {
  done,
  POOL,
  refusalOf,
  startVerbsScene,
  taskParamsOf,
  type VerbsScene,
} from './support/verbs-scene.ts'

const taskId = 1n

describe('Verbs of the sdk about places', () => {
  let scene: VerbsScene
  let validator: AssayClient
  const addressOf = ({ wallet }: AssayClient) => wallet.account.address
  const bidOf = async () => (await readValidator(validator, { taskId, validator: addressOf(validator) })).bid
  const join = () => {
    const encryptionKey = toHex(0, { size: 64 })
    return done(joinValidators(validator, { taskId, amount: parseEther('100'), encryptionKey }))
  }

  before(async () => {
    scene = await startVerbsScene(0)
    validator = scene.validators[0]!
    const amount = parseEther('500')
    const token = scene.chain.deployment.contracts.assayToken
    await done(transfer(scene.owner, { token, to: addressOf(validator), amount }))
    await done(stake(validator, { amount }))
    await done(createTask(scene.owner, { params: taskParamsOf(scene) }))
  })
  after(() => scene.stop())

  it('join, and leave at once as long as they are not ready', async () => {
    await join()
    expect(await bidOf()).to.include({ standing: 'joined', isReady: false, firstRound: 1, weight: 0 })
    await done(leaveValidators(validator, { taskId }))
    expect(await bidOf()).to.equal(undefined)
    expect((await readStake(validator, { account: addressOf(validator) })).reserved).to.equal(0n)
  })

  it('are ready for the pool of the task and no other', async () => {
    await join()
    const other = await refusalOf(ready(validator, { taskId, poolRoot: keccak256(POOL) }))
    expect(other.name).to.equal('Rounds_UnknownPool')
    await done(ready(validator, { taskId, poolRoot: POOL }))
    expect(await bidOf()).to.include({ standing: 'placed', isReady: true, weight: 256 })
  })

  it('raise their stake', async () => {
    const before = (await bidOf())!
    await done(raiseValidatorStake(validator, { taskId, amount: parseEther('50') }))
    const bids = await readBids(scene.owner, { taskId })
    expect(bids).to.have.length(80)
    expect(bids.filter((bid) => bid !== undefined)).to.deep.equal([{ ...before, weight: 384 }])
  })

  it('announce another pool', async () => {
    const pool = { poolRoot: POOL, firstRound: 1 }
    expect(await readPool(scene.owner, { taskId })).to.deep.equal({ ...pool, announced: undefined })
    const poolRoot = keccak256(POOL)
    const { value } = await done(announcePool(scene.owner, { taskId, poolRoot }))
    const announced = { poolRoot, firstRound: 2 }
    expect(value).to.deep.equal({ firstRound: 2 })
    expect(await readPool(scene.owner, { taskId })).to.deep.equal({ ...pool, announced })
    expect((await refusalOf(announcePool(scene.owner, { taskId, poolRoot }))).name).to.equal(
      'Rounds_PoolPending',
    )
    const unknown = await readPool(scene.owner, { taskId: 9n }).catch((error) => error.failure.name)
    expect(unknown).to.equal('Rounds_UnknownTask')
  })
})
