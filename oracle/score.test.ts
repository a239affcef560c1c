import type { Deployment } from '@assay/sdk/client/deployment.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { expect } from 'chai'
import { decodeFunctionData } from 'viem'
import { redrawCallsOf } from './score.ts'

const rounds = '0x00000000000000000000000000000000000000ab'
const deployment = { contracts: { rounds } } as unknown as Deployment

describe('second committees before a reveal', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => 2 * i)
  const drawn = (count: number) =>
    redrawCallsOf(deployment, 7n, numbers(count)).map(({ to, data }) => {
      expect(to).to.equal(rounds)
      const { functionName, args } = decodeFunctionData({ abi: iRoundsAbi, data })
      expect([functionName, args[0]]).to.deep.equal(['redrawCommittees', 7n])
      return args[1]
    })

  it('are left to the reveal while it has gas enough for them', () => {
    expect([drawn(0), drawn(64)]).to.deep.equal([[], []])
  })

  it('are drawn in parts, each cohort once', () => {
    expect(drawn(65).map((part) => (part as number[]).length)).to.deep.equal([64, 1])
    expect(drawn(128).flat()).to.deep.equal(numbers(128))
  })
})
