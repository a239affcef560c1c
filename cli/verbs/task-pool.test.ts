import { expect } from 'chai'
import { sealedText } from './task-pool.ts'

describe('what sealing a held-out pool says', () => {
  const validator = `0x${'0a'.repeat(20)}` as const
  const refused = { validator, refusal: 'the public key is not an X-Wing key.' }

  it('counts those to whom it is sealed', () => {
    expect(sealedText(1n, [{ validator }])).to.equal('The held-out pool of task 1 is sealed to 1 validator.')
    expect(sealedText(1n, [{ validator }, { validator }])).to.contain('sealed to 2 validators.')
  })

  it('tells apart that nobody has joined, and that nobody has a key to seal to', () => {
    expect(sealedText(1n, [])).to.contain('in the store, but nobody has joined yet:')
    expect(sealedText(1n, [refused])).to.equal(
      'The held-out pool of task 1 is in the store, but nobody with a usable key has joined yet: seal it again, or with --watch, once validators have.\n' +
        `Not sealed to ${validator}: the public key is not an X-Wing key.`,
    )
  })
})
