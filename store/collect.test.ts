import { expect } from 'chai'
import { collectBlob } from './collect.ts'
import { codeOf } from './fixtures/transfers.ts'
import { hashOf } from './sha256.ts'

const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => i & 0xff)
const hash = hashOf(bytes)

async function* pieces(length = bytes.length) {
  for (let at = 0; at < length; at += 300) yield bytes.subarray(at, Math.min(at + 300, length))
}

describe('a blob that is collected', () => {
  for (const announced of [undefined, 0, 1, 999, 1_000, 1_001, 5_000, 1e12])
    it(`is whole, and no longer, when ${announced} bytes were announced`, async () => {
      const collected = await collectBlob(hash, pieces(), {
        maxBytes: 1_000,
        ...(announced && { announced }),
      })
      expect(collected).to.deep.equal(bytes)
      expect(collected.buffer.byteLength).to.equal(bytes.length)
    })

  it('is refused when it is longer than its reader takes, or another one', async () => {
    expect(await codeOf(collectBlob(hash, pieces(), { maxBytes: 999, announced: 10 }))).to.equal(
      'blob-too-large',
    )
    expect(await codeOf(collectBlob(hash, pieces(900), { maxBytes: 1_000, announced: 900 }))).to.equal(
      'blob-corrupt',
    )
  })
})
