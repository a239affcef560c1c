import { expect } from 'chai'
import { RULES } from './registry.ts'
import type { RuleGround } from './rule.ts'

const ground: RuleGround = { attackers: 1, root: async () => Float32Array.of(1, 1) }
/** Four that agree, and one far out. */
const UPDATES = [
  { step: Float32Array.of(1, 1), samples: 10 },
  { step: Float32Array.of(1.1, 0.9), samples: 10 },
  { step: Float32Array.of(0.9, 1.1), samples: 20 },
  { step: Float32Array.of(1, 0.7), samples: 10 },
  { step: Float32Array.of(-100, -100), samples: 50 },
]

async function stepOf(name: string, updates = UPDATES): Promise<number[]> {
  const rule = RULES.find((one) => one.name === name)!
  return [...(await rule.combine!(updates, ground)).step].map((value) => Number(value.toFixed(4)))
}

describe('rules', () => {
  it('fedavg takes what has samples', async () => {
    expect(await stepOf('fedavg')).to.deep.equal([-49.51, -49.52])
  })

  it('krum takes one of those that agree, and weighs it alone', async () => {
    expect(await stepOf('krum')).to.deep.equal([1, 1])
    const { weights } = await RULES.find(({ name }) => name === 'krum')!.combine!(UPDATES, ground)
    expect(weights).to.deep.equal([1, 0, 0, 0, 0])
  })

  it('median and trimmed mean leave out what is far, by coordinate', async () => {
    expect(await stepOf('median')).to.deep.equal([1, 0.9])
    expect(await stepOf('median', UPDATES.slice(0, 4))).to.deep.equal([1, 0.95])
    expect(await stepOf('trimmed-mean')).to.deep.equal([0.9667, 0.8667])
  })

  it('fltrust gives nothing to what points the other way, and no length to what is long', async () => {
    const [x, y] = await stepOf('fltrust')
    expect(x).to.be.closeTo(1, 0.12)
    expect(y).to.be.closeTo(1, 0.12)
    const { weights } = await RULES.find(({ name }) => name === 'fltrust')!.combine!(UPDATES, ground)
    expect(weights[4]).to.equal(0)
  })
})
