import { expect } from 'chai'
import { newSteps } from './new-steps.ts'

const hashes = (numbers: string) => [...numbers].map((digit): `0x${string}` => `0x${digit.repeat(64)}`)

describe('new steps', () => {
  it('are those between the bases of rounds, the last five of them', () => {
    expect(newSteps(hashes('1'))).to.deep.equal([])
    expect(newSteps(hashes('123'))).to.deep.equal([
      [0, 1],
      [1, 2],
    ])
    expect(newSteps(hashes('123456789')).map(([before]) => before)).to.deep.equal([3, 4, 5, 6, 7])
  })

  it('are none where a round kept its base, or a verdict brought one back', () => {
    expect(newSteps(hashes('112'))).to.deep.equal([[1, 2]])
    expect(newSteps(hashes('1213'))).to.deep.equal([
      [0, 1],
      [2, 3],
    ])
  })
})
