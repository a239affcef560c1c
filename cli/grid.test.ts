import { expect } from 'chai'
import { CliError } from './failure.ts'
import { gridOption } from './grid.ts'

describe('grids on the command line', () => {
  const parse = gridOption('--grid')

  it('are height, width and channels, and the order in which these are stored', () => {
    const order = 'channels-last'
    for (const [text, grid] of [
      ['28x28', { height: 28, width: 28, channels: 1, order }],
      ['1x512x2', { height: 1, width: 512, channels: 2, order }],
      ['32x24x3,channels-last', { height: 32, width: 24, channels: 3, order }],
      ['32x24x3,channels-first', { height: 32, width: 24, channels: 3, order: 'channels-first' }],
    ] as const)
      expect(parse(text), text).to.deep.equal(grid)
  })

  for (const wrong of [
    '',
    '28',
    '28x',
    '0x28',
    '28x0',
    '28x28x0',
    '28x28x1x1',
    '-1x28',
    '2.5x2',
    '28*28',
    '8x8,rows',
  ])
    it(`are not "${wrong}"`, () => {
      expect(() => parse(wrong)).to.throw(CliError, `--grid "${wrong}" is not a grid.`)
    })
})
