import { ASSAY } from '@assay/sdk/client/amounts.ts'
import { expect } from 'chai'
import type { CliError } from './failure.ts'
import {
  deadlineText,
  durationText,
  parseAddress,
  parseAmount,
  parseTaskId,
  sentence,
  toJson,
} from './format.ts'

describe('amounts', () => {
  it('are refused with their value, the reason and how to write them', () => {
    const refusal = (text: string, options = {}) => {
      try {
        return parseAmount(text, ASSAY, options)
      } catch (error) {
        const { message, fix, kind } = error as CliError
        return [kind, message, fix]
      }
    }
    const comma = 'has a comma that may be a decimal point, or separate thousands.'
    expect(refusal('1,5')).to.deep.equal(['usage', `The amount "1,5" ${comma}`, 'Write 1.5 or 15.'])
    expect(refusal('10,00', { field: '--stake' })).to.deep.equal([
      'usage',
      `--stake "10,00" ${comma}`,
      'Write 10.00 or 1000.',
    ])
    for (const zero of ['0', '0.0', '0wei']) {
      expect(refusal(zero)).to.deep.equal([
        'usage',
        `The amount "${zero}" is not above 0.`,
        'Give an amount above 0.',
      ])
      expect(refusal(zero, { mayBeZero: true })).to.equal(0n)
    }
    expect(refusal('\u001b[2J')).to.deep.include('The amount "\\u{1b}[2J" is not a number of ASSAY.')
  })
})

describe('other values on the command line', () => {
  it('tell what is wrong with them', () => {
    expect(parseTaskId('12')).to.equal(12n)
    for (const text of ['0', '-1', '1.5', 'one', '']) expect(() => parseTaskId(text)).to.throw(`"${text}"`)
    expect(() => parseAddress('0x1234')).to.throw('"0x1234" is not an address')
  })

  it('are answered in local time, with a countdown', () => {
    const text = deadlineText(1_800_000_000, 1_799_900_000)
    expect(text).to.match(/^2027-01-1\d \d\d:\d\d:\d\d [+-]\d\d:\d\d \(in 1 d 3 h\)$/)
    expect(deadlineText(10, 20)).to.include('(now)')
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

  it('become JSON without losing digits, and without letters that a terminal acts on', () => {
    expect(JSON.parse(toJson({ a: 2n ** 90n }))).to.deep.equal({ a: '1237940039285380274899124224' })
    expect(toJson({ symbol: '\u009b2J\u202e' })).to.equal('{\n  "symbol": "\\u009b2J\\u202e"\n}')
  })
})
