import {
  decrypt,
  EncryptionError,
  encryptWithKey,
  generateEncryptionKeys,
} from '@assay/sdk/protocol/encryption.ts'
import { expect } from 'chai'
import { blobs, packageOf, poolOf, seedOf, smallTask } from '../fixtures/small-tasks.ts'
import { EngineRefusal } from '../refusal.ts'
import { featuresOf } from './features.ts'
import { poolRoot } from './pool.ts'
import {
  decryptPool,
  decryptPoolKey,
  encryptPool,
  encryptPoolKey,
  maxPoolBlobBytes,
} from './pool-encryption.ts'
import { specHash, type TaskSpec } from './task-spec.ts'

const KEY = new Uint8Array(32).fill(3)
const VALIDATOR = `0x${'Ab'.repeat(20)}`
const { pool } = smallTask()
const own = generateEncryptionKeys(new Uint8Array(32).fill(7))

let spec: TaskSpec
let otherSpec: TaskSpec
const placeOf = (one: TaskSpec) => ({ specHash: specHash(one), root: one.pool.root })
const recipient = (secretKey = own.secretKey, validator = VALIDATOR) => ({
  validator,
  decrypt: (encrypted: Uint8Array, aad: string) => decrypt(secretKey, encrypted, aad),
})

describe('an encrypted pool', () => {
  before(async () => {
    spec = (await packageOf(smallTask())).spec
    otherSpec = (await packageOf(smallTask({ name: 'another task' }))).spec
  })

  it('is the same blob each time, and gives the pool back', () => {
    const blob = encryptPool(pool, spec, KEY)
    expect(encryptPool(pool, spec, KEY)).to.deep.equal(blob)
    expect(decryptPool(blob, KEY, spec)).to.deep.equal(pool)
    expect(blob.length).to.be.below(maxPoolBlobBytes())
  })

  it('shows nothing of the pool', () => {
    const blob = Buffer.from(encryptPool(pool, spec, KEY))
    const sample = Buffer.from(featuresOf(pool.samples).slice(0, 2).buffer)
    expect(blob.includes(sample)).to.equal(false)
    expect(blob.includes('salt.seed')).to.equal(false)
  })

  it('can not be decrypted with another key, for another package or root, or once altered', () => {
    const blob = encryptPool(pool, spec, KEY)
    expect(() => decryptPool(blob, new Uint8Array(32).fill(4), spec)).to.throw(EncryptionError)
    expect(() => decryptPool(blob, KEY, otherSpec)).to.throw(EncryptionError)
    expect(() => decryptPool(blob, KEY, spec, seedOf('another root'))).to.throw(EncryptionError)
    expect(() => decryptPool(blob.subarray(0, -1), KEY, spec)).to.throw(EncryptionError)
    expect(() => decryptPool(blob.with(50, blob[50]! ^ 1), KEY, spec)).to.throw(EncryptionError)
    expect(() => decryptPool(blob, new Uint8Array(31), spec)).to.throw('31 bytes and needs 32')
  })

  it('is for its own root when the owner has replaced the pool', () => {
    const next = poolOf(blobs(77, seedOf('next pool')))
    const blob = encryptPool(next, spec, KEY)
    expect(decryptPool(blob, KEY, spec, poolRoot(next))).to.deep.equal(next)
    expect(() => decryptPool(blob, KEY, spec)).to.throw(EncryptionError)
  })

  it('is refused when whoever encrypted it put something else into it', () => {
    const { specHash: hash, root } = placeOf(spec)
    const fake = encryptWithKey(KEY, new Uint8Array(500), `assay pool/${hash}/${root}`)
    expect(() => decryptPool(fake, KEY, spec)).to.throw(EngineRefusal, 'pool file')
  })

  it('has a key that its recipient alone can read, for that package and root', async () => {
    const encrypted = encryptPoolKey(KEY, { validator: VALIDATOR, publicKey: own.publicKey }, placeOf(spec))
    expect(await decryptPoolKey(encrypted, recipient(), placeOf(spec))).to.deep.equal(KEY)
    const again = encryptPoolKey(KEY, { validator: VALIDATOR, publicKey: own.publicKey }, placeOf(spec))
    expect(again, 'the same bytes each time').to.deep.equal(encrypted)
    const lower = recipient(own.secretKey, VALIDATOR.toLowerCase())
    expect(await decryptPoolKey(encrypted, lower, placeOf(spec))).to.deep.equal(KEY)

    const stranger = generateEncryptionKeys(new Uint8Array(32).fill(8)).secretKey
    const refused = [
      decryptPoolKey(encrypted, recipient(stranger), placeOf(spec)),
      decryptPoolKey(encrypted, recipient(own.secretKey, `0x${'cd'.repeat(20)}`), placeOf(spec)),
      decryptPoolKey(encrypted, recipient(), placeOf(otherSpec)),
      decryptPoolKey(encrypted, recipient(), { ...placeOf(spec), root: seedOf('another root') }),
    ]
    for (const attempt of refused) {
      expect(await attempt.catch((error) => error)).to.be.instanceOf(EncryptionError)
    }
  })

  it('has a key of 32 bytes and no other', async () => {
    const to = { validator: VALIDATOR, publicKey: own.publicKey }
    expect(() => encryptPoolKey(new Uint8Array(16), to, placeOf(spec))).to.throw('has 16 bytes and needs 32')
    const short = { validator: VALIDATOR, decrypt: () => new Uint8Array(5) }
    const error = await decryptPoolKey(new Uint8Array(0), short, placeOf(spec)).catch((thrown) => thrown)
    expect(error).to.be.instanceOf(EncryptionError)
    expect(error.message).to.contain('has 5 bytes and needs 32')
  })
})
