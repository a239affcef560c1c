import { expect } from 'chai'
import fc from 'fast-check'
import { parseEther } from 'viem'
import {
  ASSAY,
  amountText,
  amountTexts,
  type ReadAmount,
  type Rounding,
  readAmount,
  type TokenUnit,
  typedAmount,
} from './amounts.ts'

const USDC: TokenUnit = { symbol: 'USDC', decimals: 6 }

const weiOf = (read: ReadAmount) => ('wei' in read ? read.wei : `${read.why}. ${read.fix}`)
const read = (text: string, unit: TokenUnit = ASSAY) => weiOf(readAmount(text, unit))

describe('amounts that are shown', () => {
  it('have six significant digits and a unit', () => {
    const texts = [
      '0',
      '1',
      '5000',
      '123456',
      '1234567.5',
      '1234.5',
      '12345.678',
      '0.00012345678',
      '1000000000',
    ]
    expect(texts.map((text) => amountText(parseEther(text), ASSAY))).to.deep.equal([
      '0 ASSAY',
      '1 ASSAY',
      '5000 ASSAY',
      '123456 ASSAY',
      '1,234,570 ASSAY',
      '1,234.5 ASSAY',
      '12,345.7 ASSAY',
      '0.000123457 ASSAY',
      '1,000,000,000 ASSAY',
    ])
    expect(amountText(1n, ASSAY)).to.equal('0.000000000000000001 ASSAY')
    expect(amountText(1_500n, { symbol: 'X', decimals: 2 })).to.equal('15 X')
  })

  it('are rounded up where they are needed, down where they are the most, and not at all where they are sent', () => {
    const wei = parseEther('1234567.4')
    const texts = (['nearest', 'up', 'down', 'exact'] as const).map((one: Rounding) =>
      amountText(wei, ASSAY, one),
    )
    expect(texts).to.deep.equal([
      '1,234,570 ASSAY',
      '1,234,570 ASSAY',
      '1,234,560 ASSAY',
      '1,234,567.4 ASSAY',
    ])
    expect(amountText(999_999_9n, USDC)).to.equal('10 USDC')
    expect(typedAmount(parseEther('1234.56789'), ASSAY, 'up')).to.equal('1234.57')
  })

  it('look different in a sentence that compares them, if they are', () => {
    expect(amountTexts([parseEther('5'), parseEther('5') + 1n], ASSAY)).to.deep.equal([
      '5 ASSAY',
      '5.000000000000000001 ASSAY',
    ])
    expect(amountTexts([7_000_000n, 7_000_000n], USDC)).to.deep.equal(['7 USDC', '7 USDC'])
  })

  it('are read as they are written, whatever their digits', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 128n }),
        fc.integer({ min: 0, max: 36 }),
        (wei, decimals) => {
          const unit = { symbol: 'X', decimals }
          const [number = ''] = amountText(wei, unit, 'exact').split(' ')
          expect(read(number, unit)).to.equal(wei)
          expect(read(typedAmount(wei, unit, 'exact'), unit)).to.equal(wei)
          expect(read(`${wei}wei`, unit)).to.equal(wei)

          const up = read(amountText(wei, unit, 'up').split(' ')[0]!, unit) as bigint
          const down = read(amountText(wei, unit, 'down').split(' ')[0]!, unit) as bigint
          expect(down <= wei && wei <= up).to.equal(true)
          expect((up - down) * 100_000n <= wei).to.equal(true)
        },
      ),
      { seed: 7 },
    )
  })
})

describe('amounts that are typed', () => {
  const accepted: [string, string][] = [
    ['100', '100'],
    ['0.5', '0.5'],
    [' 12.50 ', '12.5'],
    ['007', '7'],
    ['1_000', '1000'],
    ['1_000_000.25', '1000000.25'],
    ['1,234,567', '1234567'],
    ['1,234.5', '1234.5'],
    ['1,234,567.89', '1234567.89'],
  ]
  for (const [text, meaning] of accepted) {
    it(`may be "${text}"`, () => expect(read(text)).to.equal(parseEther(meaning)))
  }

  it('may be in the smallest unit', () => {
    expect(['1000wei', '1_000wei', '1,000,000wei'].map((text) => read(text))).to.deep.equal([
      1000n,
      1000n,
      1000000n,
    ])
  })

  const comma = 'has a comma that may be a decimal point, or separate thousands.'
  const noNumber =
    'is not a number of ASSAY. Write digits with at most one point, such as 1500 or 0.5; 1000wei are 1000 of the smallest unit.'
  const refused: [string, string][] = [
    ['1,5', `${comma} Write 1.5 or 15.`],
    ['10,00', `${comma} Write 10.00 or 1000.`],
    ['1,234', `${comma} Write 1.234 or 1234.`],
    ['0,123', `${comma} Write 0.123 or 0123.`],
    ...[
      ...[
        '',
        '-1',
        '+1',
        '.5',
        '5.',
        '1e5',
        '0x10',
        'NaN',
        'all',
        '5 ASSAY',
        '1 000',
        '1.234,5',
        '1.234.567',
      ],
      ...[
        '1,23,456',
        '1,2345,678',
        '12_34',
        '1_0',
        '_1',
        '1__000',
        '1,000_000',
        '1_000,000.5',
        '0,123.4',
        '01,234.5',
      ],
      ...['1.5wei', '1,000wei', '١٢', '１', '1’000', '1.000\u00a0', '1\n2'],
    ].map((text): [string, string] => [text, noNumber]),
    ['1.0000000000000000001', 'has 19 decimals, and ASSAY has 18. Give at most 18 digits after the point.'],
    [
      `1${'0'.repeat(80)}`,
      'is more than 115,792,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000 ASSAY. Give a smaller amount.',
    ],
  ]
  for (const [text, answer] of refused.filter(([text]) => text.trim() !== '1.000')) {
    it(`are refused when they are ${JSON.stringify(text)}`, () => expect(read(text)).to.equal(answer))
  }

  it('are bounded by what there is room for, and whole if their token has no decimals', () => {
    expect(weiOf(readAmount('8', USDC, 7_999_999n))).to.equal(
      'is more than 7.99999 USDC. Give a smaller amount.',
    )
    expect(read('0.5', { symbol: 'PIECE', decimals: 0 })).to.equal(
      'has 1 decimals, and PIECE has 0. Give a whole number.',
    )
  })
})
