import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  decrypt,
  decryptWithKey,
  ENCRYPTED_KEY_BYTES,
  ENCRYPTION_OVERHEAD_BYTES,
  ENCRYPTION_PUBLIC_KEY_BYTES,
  EncryptionError,
  encryptKeyTo,
  encryptTo,
  encryptWithKey,
  generateEncryptionKeys,
  SHARED_KEY_OVERHEAD_BYTES,
} from './encryption.ts'

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const keys = generateEncryptionKeys(new Uint8Array(32).fill(7))
const message = new TextEncoder().encode('the state before window 3')
const randomness = new Uint8Array(64).fill(9)

describe('encryption to a recipient', () => {
  it('makes the keys and the encapsulation of the X-Wing draft, first test vector', () => {
    const seed = fromHex('7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26')
    const eseed = fromHex(
      '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2' +
        '35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
    )
    const { publicKey } = generateEncryptionKeys(seed)
    expect(toHex(publicKey).slice(0, 40)).to.equal('e2236b35a8c24b39b10aa1323a96a919a2ced884')
    const encrypted = encryptTo(publicKey, message, 'vector', eseed)
    expect(toHex(encrypted).slice(0, 42)).to.equal('01b83aa828d4d62b9a83ceffe1d3d3bb1ef3126464')
    const shared = fromHex('d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384')
    const cipher = xchacha20poly1305(shared, new Uint8Array(24), new TextEncoder().encode('vector'))
    expect(cipher.decrypt(encrypted.subarray(1_121))).to.deep.equal(message)
  })

  it('decrypts what was encrypted, whatever its length and purpose', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.string({ maxLength: 80 }), (bytes, aad) => {
        const encrypted = encryptTo(keys.publicKey, bytes, aad)
        expect(encrypted).to.have.length(bytes.length + ENCRYPTION_OVERHEAD_BYTES)
        expect(decrypt(keys.secretKey, encrypted, aad)).to.deep.equal(bytes)
      }),
      { seed: 1, numRuns: 25 },
    )
  })

  it('never encrypts the same message twice the same way, unless the randomness is given', () => {
    const once = encryptTo(keys.publicKey, message, 'a')
    expect(encryptTo(keys.publicKey, message, 'a')).to.not.deep.equal(once)
    expect(encryptTo(keys.publicKey, message, 'a', randomness)).to.deep.equal(
      encryptTo(keys.publicKey, message, 'a', randomness),
    )
  })

  it('refuses a message altered at any byte', () => {
    const encrypted = encryptTo(keys.publicKey, message, 'a', randomness)
    for (let at = 0; at < encrypted.length; at += at < 1_100 ? 97 : 1) {
      const altered = encrypted.slice()
      altered[at]! ^= 1
      expect(() => decrypt(keys.secretKey, altered, 'a'), `byte ${at}`).to.throw(EncryptionError)
    }
  })

  it('refuses another key, other associated data and a message that was cut', () => {
    const encrypted = encryptTo(keys.publicKey, message, 'evidence/1', randomness)
    const stranger = generateEncryptionKeys(new Uint8Array(32).fill(8))
    expect(() => decrypt(stranger.secretKey, encrypted, 'evidence/1')).to.throw(
      EncryptionError,
      'another key',
    )
    expect(() => decrypt(keys.secretKey, encrypted, 'evidence/2')).to.throw(
      EncryptionError,
      'another purpose',
    )
    expect(() => decrypt(keys.secretKey, encrypted.subarray(0, -1), 'evidence/1')).to.throw(EncryptionError)
    expect(() => decrypt(keys.secretKey, encrypted.subarray(0, 1_000), 'evidence/1')).to.throw(
      EncryptionError,
      '1000 bytes',
    )
  })

  it('says what is wrong with a key that cannot be encrypted to', () => {
    expect(() => encryptTo(new Uint8Array(32), message, 'a')).to.throw(
      EncryptionError,
      `needs ${ENCRYPTION_PUBLIC_KEY_BYTES}`,
    )
    const lowOrder = keys.publicKey.slice()
    lowOrder.fill(0, ENCRYPTION_PUBLIC_KEY_BYTES - 32)
    expect(() => encryptTo(lowOrder, message, 'a')).to.throw(EncryptionError, 'not an X-Wing key')
    const outsideField = keys.publicKey.slice().fill(0xff, 0, 1_152)
    expect(() => encryptTo(outsideField, message, 'a')).to.throw(EncryptionError, 'not an X-Wing key')
    expect(() => generateEncryptionKeys(new Uint8Array(31))).to.throw(EncryptionError, '31 bytes')
    expect(() => encryptTo(keys.publicKey, message, 'a', new Uint8Array(32))).to.throw(
      EncryptionError,
      'randomness',
    )
  })
})

describe('encryption under a shared key', () => {
  const key = new Uint8Array(32).fill(5)

  it('decrypts what was encrypted, to the same bytes each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.string({ maxLength: 80 }), (bytes, aad) => {
        const encrypted = encryptWithKey(key, bytes, aad)
        expect(encrypted).to.have.length(bytes.length + SHARED_KEY_OVERHEAD_BYTES)
        expect(encryptWithKey(key, bytes, aad)).to.deep.equal(encrypted)
        expect(decryptWithKey(key, encrypted, aad)).to.deep.equal(bytes)
      }),
      { seed: 1, numRuns: 25 },
    )
  })

  it('takes another keystream for each purpose', () => {
    const [one, other] = ['a', 'b'].map((aad) => encryptWithKey(key, message, aad))
    const overlap = one!.filter((byte, i) => i > 0 && byte === other![i])
    expect(overlap.length).to.be.below(message.length / 2)
  })

  it('is encrypted to each reader, to the same bytes each time and to others for whatever differs', () => {
    const encrypted = encryptKeyTo(keys.publicKey, key, 'a')
    expect(encrypted).to.have.length(ENCRYPTED_KEY_BYTES)
    expect(decrypt(keys.secretKey, encrypted, 'a')).to.deep.equal(key)
    expect(encryptKeyTo(keys.publicKey, key, 'a')).to.deep.equal(encrypted)
    const stranger = generateEncryptionKeys(new Uint8Array(32).fill(8))
    const others = [
      encryptKeyTo(keys.publicKey, key.with(31, 6), 'a'),
      encryptKeyTo(keys.publicKey, key, 'b'),
      encryptKeyTo(stranger.publicKey, key, 'a'),
    ]
    // No two of them share what X-Wing made of the randomness.
    const heads = [encrypted, ...others].map((one) => toHex(one).slice(0, 2_242))
    expect(new Set(heads).size).to.equal(4)
    expect(() => encryptKeyTo(keys.publicKey, key.subarray(1), 'a')).to.throw(
      'the shared key has 31 bytes and needs 32. Take as many random bytes.',
    )
  })

  it('refuses another key, another purpose, another version, and a message altered at any byte', () => {
    const encrypted = encryptWithKey(key, message, 'a')
    for (let at = 0; at < encrypted.length; at++) {
      const altered = encrypted.with(at, encrypted[at]! ^ 1)
      expect(() => decryptWithKey(key, altered, 'a'), `byte ${at}`).to.throw(EncryptionError)
    }
    expect(() => decryptWithKey(key, encrypted, 'b')).to.throw('under another key or for another purpose')
    expect(() => decryptWithKey(new Uint8Array(32), encrypted, 'a')).to.throw('under another key')
    expect(() => decryptWithKey(key, encrypted.with(0, 2), 'a')).to.throw('has version 2')
    expect(() => decryptWithKey(key, encrypted.subarray(0, 16), 'a')).to.throw('has 16 bytes')
    expect(() => encryptWithKey(new Uint8Array(31), message, 'a')).to.throw(
      'the shared key has 31 bytes and needs 32. Take as many random bytes.',
    )
  })
})
