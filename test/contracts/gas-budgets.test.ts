import type { HardhatEthersSigner as Signer } from '@nomicfoundation/hardhat-ethers/types'
import { expect } from 'chai'
import { network } from 'hardhat'

/** Whole transactions, intrinsic cost included, as a wallet pays them. A budget that is broken fails here first. */
const BUDGETS = {
  'stake, new': 75_000,
  'stake, more': 55_000,
  'request to leave': 40_000,
  'withdraw, all': 48_000,
  // 400 above the plan: the token looks up delegated votes on both sides of a transfer, 4,200 gas.
  'withdraw, a part': 48_500,
  'slash, first ever': 55_000,
  'slash, later': 55_000,
  'slash of reserved stake': 55_000,
  'slash with a reward, first ever': 55_000,
  'slash with a reward, of reserved stake': 55_000,
  "reserve a juror's stake": 58_000,
  'pay a reward': 50_000,
} as const

type Six<T> = [T, T, T, T, T, T]

const ASSAY = 10n ** 18n
const UNBONDING_SECONDS = 3_600
const TASK_ID = 1n
const JUROR_ID = 2n ** 63n

describe('Gas budgets of stake', () => {
  it('keeps each verb within its budget', async () => {
    const measured = await measure()
    for (const [verb, budget] of Object.entries(BUDGETS)) {
      const gas = measured[verb as keyof typeof BUDGETS]
      expect(gas, `${verb} costs ${gas} gas`).to.be.at.most(budget)
      expect(gas, `${verb} was not executed`).to.be.above(21_000)
    }
  })
})

/** Gas used by each verb on a registry whose stakers hold some ASSAY beside their stake. */
async function measure(): Promise<Record<keyof typeof BUDGETS, number>> {
  const { ethers, networkHelpers } = await network.create()
  const [deployer, alice, bob, tasks, rounds, court] = (await ethers.getSigners()) as Six<Signer>
  const token = await ethers.deployContract('AssayToken', [deployer])
  const registry = await ethers.deployContract('StakeRegistry', [token, UNBONDING_SECONDS])
  const connected = [tasks, rounds, court] as const
  for (const account of connected) await networkHelpers.setCode(account.address, '0x00')
  // By name: `connect` of an ethers contract is its own.
  await registry.getFunction('connect')(...connected)
  for (const account of connected) await networkHelpers.setCode(account.address, '0x')
  for (const staker of [alice, bob]) {
    await token.transfer(staker, 1_000n * ASSAY)
    await token.connect(staker).approve(registry, 1_000n * ASSAY)
  }
  const of = (signer: Signer) => registry.connect(signer)
  await of(bob).stake(500n * ASSAY)
  const slash = (penalty: bigint) => gasOf(of(rounds).slash(bob, TASK_ID, penalty, ethers.ZeroHash, 0))
  const convict = (id: bigint, penalty: bigint) =>
    gasOf(of(court).slash(bob, id, penalty, ethers.ZeroHash, 4_000))
  const stakeNew = await gasOf(of(alice).stake(100n * ASSAY))
  const stakeMore = await gasOf(of(alice).stake(100n * ASSAY))
  const requestToLeave = await gasOf(of(alice).requestUnstake(50n * ASSAY))
  const slashFirst = await slash(ASSAY)
  const slashLater = await slash(ASSAY)
  await of(tasks).reserve(bob, TASK_ID, 400n * ASSAY, 0)
  const slashReserved = await slash(200n * ASSAY)
  const convictFirst = await convict(TASK_ID, ASSAY)
  await of(bob).stake(400n * ASSAY)
  const reserveJuror = await gasOf(of(court).reserve(bob, JUROR_ID, 300n * ASSAY, 0))
  const convictReserved = await convict(JUROR_ID, 200n * ASSAY)
  const payReward = await gasOf(of(court).payReward(alice, ASSAY))
  await networkHelpers.time.increase(UNBONDING_SECONDS)
  const withdrawPart = await gasOf(of(alice).withdraw())
  await of(alice).requestUnstake(150n * ASSAY)
  await networkHelpers.time.increase(UNBONDING_SECONDS)
  const withdrawAll = await gasOf(of(alice).withdraw())

  return {
    'stake, new': stakeNew,
    'stake, more': stakeMore,
    'request to leave': requestToLeave,
    'withdraw, all': withdrawAll,
    'withdraw, a part': withdrawPart,
    'slash, first ever': slashFirst,
    'slash, later': slashLater,
    'slash of reserved stake': slashReserved,
    'slash with a reward, first ever': convictFirst,
    'slash with a reward, of reserved stake': convictReserved,
    "reserve a juror's stake": reserveJuror,
    'pay a reward': payReward,
  }
}

async function gasOf(sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>): Promise<number> {
  const receipt = await (await sent).wait()
  if (receipt === null) throw new Error('The transaction has no receipt.')
  return Number(receipt.gasUsed)
}
