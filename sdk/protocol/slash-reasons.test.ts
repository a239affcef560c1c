import { expect } from 'chai'
import { stringToHex, zeroHash } from 'viem'
import { decodeSlashReason, encodeSlashReason, SLASH_REASONS } from './slash-reasons.ts'

describe('Reasons of a slash', () => {
  it('are 32 bytes with the word at their start', () => {
    expect(encodeSlashReason('missedDuty')).to.equal(`0x6d697373656420647574790000${'00'.repeat(19)}`)
  })

  it('are read back', () => {
    const names = Object.keys(SLASH_REASONS) as (keyof typeof SLASH_REASONS)[]
    for (const name of names) expect(decodeSlashReason(encodeSlashReason(name))).to.deep.equal({ name })
  })

  it('of a later version keep their word', () => {
    const word = stringToHex('a later fault', { size: 32 })
    expect(decodeSlashReason(word)).to.deep.equal({ name: 'unknown', text: 'a later fault' })
  })

  it('that are no text keep their bytes', () => {
    for (const word of [zeroHash, `0x1b${'5b'.repeat(31)}`, `0xff${'00'.repeat(31)}`] as const)
      expect(decodeSlashReason(word)).to.deep.equal({ name: 'unknown', text: word })
  })
})
