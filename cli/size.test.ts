import { expect } from 'chai'
import { CliError } from './failure.ts'
import { sizeOption, sizeText } from './size.ts'

describe('sizes on the command line', () => {
  const parse = sizeOption('--max-blob')

  it('are bytes, or have a unit', () => {
    for (const [text, bytes] of [
      ['1000', 1_000],
      ['64MiB', 67_108_864],
      ['64 mib', 67_108_864],
      ['2GB', 2_000_000_000],
      ['1TiB', 2 ** 40],
    ] as const)
      expect(parse(text), text).to.equal(bytes)
  })

  for (const wrong of ['', '0', '-1', '1.5GB', '64M', 'much', '1e9', '999999999999999TB'])
    it(`are not "${wrong}"`, () => {
      expect(() => parse(wrong)).to.throw(CliError, `--max-blob "${wrong}" is not a size.`)
    })

  it('are told in the largest unit that they fill', () => {
    expect([1, 1_023, 1_024, 67_108_864, 2_000_000_000].map(sizeText)).to.deep.equal([
      '1 bytes',
      '1023 bytes',
      '1 KiB',
      '64 MiB',
      '1.86 GiB',
    ])
  })
})
