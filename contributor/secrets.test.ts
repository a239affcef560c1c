import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { decrypt, encryptTo, generateEncryptionKeys } from '@assay/sdk/protocol/encryption.ts'
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

  it('encrypt each message to each key under each name with randomness of its own', async () => {
    const place = await makeWorkplace()
    const context = await place.open()
    const [one, two] = [1, 2].map((byte) => generateEncryptionKeys(new Uint8Array(32).fill(byte)))
    const [message, other] = [new Uint8Array(100).fill(1), new Uint8Array(100).fill(2)]
    const draws = [
      context.secrets.encryption('evidence/a', one!.publicKey, message!),
      context.secrets.encryption('evidence/b', one!.publicKey, message!),
      context.secrets.encryption('evidence/a', two!.publicKey, message!),
      context.secrets.encryption('evidence/a', one!.publicKey, other!),
    ]
    expect(new Set(draws.map(String)).size).to.equal(4)
    const encrypted = encryptTo(one!.publicKey, message!, 'evidence/a', draws[0])
    expect(decrypt(one!.secretKey, encrypted, 'evidence/a')).to.deep.equal(message)
    await context.close()
    await place.remove()
  })
})
