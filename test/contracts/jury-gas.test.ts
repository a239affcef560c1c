import type { HardhatEthersSigner as Signer } from '@nomicfoundation/hardhat-ethers/types'
import { expect } from 'chai'
import { AbiCoder, type BaseContract, encodeBytes32String, keccak256, parseEther, ZeroHash } from 'ethers'
import { network } from 'hardhat'

/** Whole transactions, intrinsic cost included. A roster of 64, where nothing is as cheap as with fewer. */
const BUDGETS: Record<string, number> = {
  'join, the last free place': 430_000,
  'open a panel of eleven': 61_000,
  'draw eleven': 440_000,
  'draw all': 425_000,
  'vote, the first to reveal': 110_000,
  'vote, the same value': 110_000,
  'vote, another value': 110_000,
  'vote with a weight': 110_000,
}

const PLACES = 64
const SECONDS = 1_000
const MIN_STAKE = parseEther('100')
const RESULT = encodeBytes32String('a value')
const OTHER = encodeBytes32String('another value')
const MNEMONIC = 'test test test test test test test test test test test junk'

interface Stage {
  /** Its court is the deployer. */
  jury: BaseContract
  jurors: Signer[]
  chainId: bigint
  mine(): Promise<unknown>
  wait(seconds: number): Promise<unknown>
}

describe('Gas budgets of the jury', () => {
  it('keep draws and votes with 64 jurors within what a block and a juror can bear', async () => {
    const measured = await measure(await setStage())
    expect(Object.keys(measured)).to.have.members(Object.keys(BUDGETS))
    for (const [verb, gas] of Object.entries(measured)) {
      expect(gas, `${verb} costs ${gas} gas`).to.be.at.most(BUDGETS[verb]!)
      expect(gas, `${verb} was not executed`).to.be.above(21_000)
    }
  })
})

async function setStage(): Promise<Stage> {
  const accounts = { count: PLACES + 1, mnemonic: MNEMONIC }
  const { ethers, networkHelpers } = await network.create({ override: { accounts } })
  const [deployer, ...jurors] = (await ethers.getSigners()) as Signer[]
  const beacon = await ethers.deployContract('BlockHashBeacon', [1])
  const times = Array.from({ length: 5 }, () => SECONDS)
  const jury = await ethers.deployContract('Jury', [deployer, beacon, [MIN_STAKE, ...times, 11, 21]])
  const { chainId } = await ethers.provider.getNetwork()
  const mine = () => networkHelpers.mine(2)
  const wait = (seconds: number) => networkHelpers.time.increase(seconds)
  return { jury, jurors, chainId, mine, wait }
}

async function measure(stage: Stage): Promise<Record<string, number>> {
  const { jury, jurors, mine, wait } = stage
  const joins: number[] = []
  for (const juror of jurors) joins.push(await gasOf(jury, 'admit', juror, MIN_STAKE))
  await wait(SECONDS)
  const open = await gasOf(jury, 'openPanel', 1, 0, [jurors[0]!.address])
  await mine()
  const draw = await gasOf(jury, 'draw', 1)
  const seats = await seatsOf(jury, 1)
  expect(seats).to.have.length(11).and.not.include(0)
  const [first, same, another] = [
    [seats[0]!, RESULT],
    [seats[1]!, RESULT],
    [seats[2]!, OTHER],
  ] as [Vote, Vote, Vote]
  const [ofFirst, ofSame, ofAnother] = await vote(stage, 1, [first, same, another])
  await gasOf(jury, 'openPanel', 2, 2, [])
  await mine()
  const drawAll = await gasOf(jury, 'draw', 2)
  expect(await seatsOf(jury, 2)).to.have.length(PLACES)
  const [ofWeight] = await vote(stage, 2, [[0, RESULT]])
  return {
    'join, the last free place': joins.at(-1)!,
    'open a panel of eleven': open,
    'draw eleven': draw,
    'draw all': drawAll,
    'vote, the first to reveal': ofFirst!,
    'vote, the same value': ofSame!,
    'vote, another value': ofAnother!,
    'vote with a weight': ofWeight!,
  }
}

type Vote = [place: number, result: string]

async function seatsOf(jury: BaseContract, panelId: number): Promise<number[]> {
  const { drawn } = (await jury.getFunction('panelOf')(panelId)) as { drawn: bigint }
  return Array.from({ length: PLACES }, (_, place) => place).filter((place) => (drawn >> BigInt(place)) & 1n)
}

/** What each juror pays for its commitment and its reveal together. */
async function vote(stage: Stage, panelId: number, votes: Vote[]): Promise<number[]> {
  const costs: number[] = []
  for (const [place, result] of votes) {
    const digest = digestOf(stage, panelId, place, result)
    costs.push(await gasOf(as(stage, place), 'commitVote', panelId, place, digest))
  }
  // The second panel is one of all, which has twice the time.
  await stage.wait(panelId * SECONDS + SECONDS / 2)
  for (const [i, [place, result]] of votes.entries())
    costs[i]! += await gasOf(as(stage, place), 'revealVote', panelId, place, result, ZeroHash, ZeroHash)
  return costs
}

const as = ({ jury, jurors }: Stage, place: number) => jury.connect(jurors[place]!)

function digestOf({ jury, jurors, chainId }: Stage, panelId: number, place: number, result: string): string {
  const types = ['uint256', 'address', 'uint256', 'address', 'bytes32', 'bytes32', 'bytes32']
  const values = [chainId, jury.target, panelId, jurors[place]!.address, result, ZeroHash, ZeroHash]
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values))
}

/** By name: some functions of an ethers contract are its own. */
async function gasOf(contract: BaseContract, name: string, ...args: unknown[]): Promise<number> {
  const receipt = await (await contract.getFunction(name)(...args)).wait()
  if (receipt === null) throw new Error('The transaction has no receipt.')
  return Number(receipt.gasUsed)
}
