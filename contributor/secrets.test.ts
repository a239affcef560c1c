import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { expect } from 'chai'
import { makeWorkplace } from './fixtures/workplace.ts'

describe("a contributor's secrets", () => {
  it('differ for every purpose, and come back with the key alone', async () => {
    const place = await makeWorkplace()
    const context = await place.open()
    const content = seedOf('content')
    const { secrets } = context
    const all = [
      secrets.data(1n),
      secrets.data(2n),
      secrets.commitment(1n, 1, content),
      secrets.commitment(1n, 2, content),
      secrets.commitment(2n, 1, content),
      secrets.commitment(1n, 1, seedOf('other content')),
    ]
    expect(new Set(all).size).to.equal(all.length)
    const newcomer = await place.open({ dataDir: `${place.dir}/elsewhere` })
    expect(newcomer.secrets.commitment(1n, 1, content)).to.equal(secrets.commitment(1n, 1, content))
    await newcomer.close()
    await context.close()
    await place.remove()
  })

  it('give the evidence of each window a key of its own, the same one each time', async () => {
    const place = await makeWorkplace()
    const context = await place.open()
    const [evidence, other] = [new Uint8Array(100).fill(1), new Uint8Array(100).fill(2)]
    const commitment = seedOf('commitment')
    const keyOf = (window: number, bytes: Uint8Array, at = commitment) =>
      context.secrets.evidenceKey({ commitment: at, window }, bytes)
    const keys = [
      keyOf(0, evidence),
      keyOf(1, evidence),
      keyOf(0, other),
      keyOf(0, evidence, seedOf('another commitment')),
    ]
    expect(new Set(keys.map(String)).size).to.equal(4)
    expect(keys[0]).to.have.length(32).and.deep.equal(keyOf(0, evidence))
    await context.close()
    await place.remove()
  })
})
