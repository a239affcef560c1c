import { expect } from 'chai'
import {
  capturedRoster,
  capturedWeight,
  captureRate,
  endlessCaptureRate,
  exactCaptureRate,
} from './jury-capture-model.ts'

const BASE = `0x${'5a'.repeat(32)}` as const

describe('the capture of juries', () => {
  it('is as rare in the drawn panels as in a fair draw', () => {
    const roster = capturedRoster(1 / 3, 'equal')
    const exact = exactCaptureRate(roster, 11)
    const error = Math.sqrt((exact * (1 - exact)) / 1_000)
    expect(captureRate(roster, 11, 1_000, BASE)).to.be.closeTo(exact, 4 * error)
  })

  it('has the rates of the design: 11 and 21 seats, an endless roster and one of 63', () => {
    const percent = (rate: number) => Math.round(1_000 * rate) / 10
    expect([0.2, 1 / 3, 0.4].map((share) => percent(endlessCaptureRate(share, 11)))).to.deep.equal([
      1.2, 12.2, 24.7,
    ])
    const exact = (seats: number) =>
      [0.2, 1 / 3, 0.4].map((share) => percent(exactCaptureRate(capturedRoster(share, 'equal'), seats)))
    expect(exact(11)).to.deep.equal([0.7, 10, 21.9])
    expect(exact(21)).to.deep.equal([0, 2.5, 11.9])
  })

  it('gains nothing in the panel of all below half of the weight, however the stake is spread', () => {
    for (const spread of ['equal', 'large', 'small'] as const) {
      const roster = capturedRoster(0.45, spread)
      expect(capturedWeight(roster)).to.be.within(0.43, 0.47)
      expect(captureRate(roster, 0, 1, BASE)).to.equal(0)
      expect(captureRate(capturedRoster(0.55, spread), 0, 1, BASE)).to.equal(1)
    }
  })
})
