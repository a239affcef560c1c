import { expect } from 'chai'
import fc from 'fast-check'
import {
  ASSAY,
  amountText,
  durationText,
  parseAddress,
  parseAmount,
  parseTaskId,
  sentence,
  timeText,
  toJson,
} from './format.ts'

describe('amounts', () => {
  it('are written with all their digits and a unit', () => {
    expect(amountText(0n, ASSAY)).to.equal('0 ASSAY')
    expect(amountText(1n, ASSAY)).to.equal('0.000000000000000001 ASSAY')
    expect(amountText(1_234_567n * 10n ** 18n + 5n * 10n ** 17n, ASSAY)).to.equal('1,234,567.5 ASSAY')
    expect(amountText(1_500n, { symbol: 'USDC', decimals: 2 })).to.equal('15 USDC')
  })

  it('are read as they are written, to the wei', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 96n }), (wei) => {
        const [number = ''] = amountText(wei, ASSAY).split(' ')
        expect(parseAmount(number, ASSAY)).to.equal(wei)
        expect(parseAmount(`${wei}wei`, ASSAY)).to.equal(wei)
      }),
      { seed: 7 },
    )
  })

  for (const text of [
    '',
    '0',
    '-1',
    '1e5',
    '0x10',
    '1.0000000000000000001',
    '1.5wei',
    'all',
    '1 000',
    'NaN',
    '0wei',
  ]) {
    it(`are refused when they are "${text}"`, () => {
      expect(() => parseAmount(text, ASSAY)).to.throw(`"${text}"`)
    })
  }
})

describe('other values on the command line', () => {
  it('tell what is wrong with them', () => {
    expect(parseTaskId('12')).to.equal(12n)
    for (const text of ['0', '-1', '1.5', 'one', '']) expect(() => parseTaskId(text)).to.throw(`"${text}"`)
    expect(() => parseAddress('0x1234')).to.throw('"0x1234" is not an address')
  })

  it('are answered in local time, with a countdown', () => {
    const text = timeText(1_800_000_000, 1_799_900_000)
    expect(text).to.match(/^2027-01-1\d \d\d:\d\d:\d\d [+-]\d\d:\d\d \(in 1 d 3 h\)$/)
    expect(new Date(text.slice(0, 26).replace(' ', 'T').replace(' ', '')).getTime()).to.equal(
      1_800_000_000_000,
    )
    expect(timeText(10, 20)).to.include('(now)')
    expect([0, 59, 60, 3_661, 90_000].map(durationText)).to.deep.equal([
      '0 s',
      '59 s',
      '1 min',
      '1 h 1 min',
      '1 d 1 h',
    ])
  })

  it('begin a sentence with a capital letter, but for the names of files', () => {
    expect(
      ['no address', 'key.txt is not JSON', '', './me is a folder', '1 of 2'].map(sentence),
    ).to.deep.equal(['No address', 'key.txt is not JSON', '', './me is a folder', '1 of 2'])
  })

  it('become JSON without losing digits', () => {
    expect(JSON.parse(toJson({ a: 2n ** 90n }))).to.deep.equal({ a: '1237940039285380274899124224' })
  })
})
