import { createCipheriv, pbkdf2Sync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Wallet } from 'ethers'
import { concat, hexToBytes, keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import {
  addressOfKeystore,
  decryptKey,
  encryptKey,
  parsePrivateKey,
  readKeystore,
  writeKeystore,
} from './keystore.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')

/** scrypt's cost for tests: 1,024 times quicker, and that much weaker. */
const COST = 128

describe('keystore', () => {
  const privateKey = keccak256(toHex('keystore test'))
  const { address } = privateKeyToAccount(privateKey)

  it('writes what ethers opens, and names the address', async () => {
    const text = encryptKey(privateKey, 'a good password', COST)

    const wallet = await Wallet.fromEncryptedJson(text, 'a good password')
    expect(wallet.privateKey).to.equal(privateKey)
    expect(addressOfKeystore(text, 'x.json')).to.equal(address.toLowerCase())
    expect(text).to.not.include(privateKey.slice(2))
  })

  it('opens what ethers writes', async () => {
    const text = await new Wallet(privateKey).encrypt('pässwörd', undefined)
    expect(decryptKey(text, 'pässwörd', 'x.json')).to.equal(privateKey)
  })

  it('refuses a wrong password, and a file that was changed', () => {
    const text = encryptKey(privateKey, 'a good password', COST)
    const json = JSON.parse(text)
    const { ciphertext } = json.crypto
    json.crypto.ciphertext = `${ciphertext.startsWith('00') ? '01' : '00'}${ciphertext.slice(2)}`

    expect(() => decryptKey(text, 'another password', 'x.json')).to.throw('does not decrypt x.json')
    expect(() => decryptKey(JSON.stringify(json), 'a good password', 'x.json')).to.throw(
      'does not decrypt x.json',
    )
  })

  it('refuses files that are no keystore, or that would fill the memory', () => {
    const huge = JSON.parse(encryptKey(privateKey, 'a good password', COST))
    huge.crypto.kdfparams.n = 2 ** 30
    const odd = JSON.parse(encryptKey(privateKey, 'a good password', COST))
    odd.crypto.kdfparams.n = 1000
    const slow = JSON.parse(encryptKey(privateKey, 'a good password', COST))
    Object.assign(slow.crypto, { kdf: 'pbkdf2', kdfparams: { ...PBKDF2, c: 10_000_001 } })
    const halfIv = JSON.parse(encryptKey(privateKey, 'a good password', COST))
    halfIv.crypto.cipherparams.iv = '00'.repeat(8)

    expect(() => decryptKey('{', 'x', 'x.json')).to.throw('it is not JSON')
    expect(() => decryptKey('{"version":1}', 'x', 'x.json')).to.throw('version')
    expect(() => decryptKey(JSON.stringify(huge), 'x', 'x.json')).to.throw('N 1073741824')
    expect(() => decryptKey(JSON.stringify(odd), 'x', 'x.json')).to.throw('N 1000')
    expect(() => decryptKey(JSON.stringify(slow), 'x', 'x.json')).to.throw('10000001 rounds of pbkdf2')
    expect(() => decryptKey(JSON.stringify(halfIv), 'x', 'x.json')).to.throw(
      'crypto.cipherparams.iv: must be 16 bytes',
    )
  })

  it('opens what other tools write: pbkdf2, passwords as they were typed, names with capitals', () => {
    // The example of the format's definition, with MAC, KDF and so on written in capitals.
    const pbkdf2 = readFileSync(join(FIXTURES, 'keystore-pbkdf2-capitals.json'), 'utf8')
    expect(decryptKey(pbkdf2, 'testpassword', 'x.json')).to.equal(
      '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d',
    )

    // Its maker took the bytes that were typed: an n, and a tilde of its own that goes over it.
    const typed = readFileSync(join(FIXTURES, 'keystore-typed-password.json'), 'utf8')
    const key = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'
    for (const password of ['contrasen\u0303a', 'contrase\u00f1a', Buffer.from('contrasen\u0303a')]) {
      expect(decryptKey(typed, password, 'x.json')).to.equal(key)
    }
    expect(() => decryptKey(typed, 'contrasena', 'x.json')).to.throw('does not decrypt x.json')
  })

  it('opens a file with a byte order mark, and one of a password that is not UTF-8', () => {
    const dir = mkdtempSync(join(tmpdir(), 'assay-keys-'))
    try {
      const file = join(dir, 'me.json')
      const text = encryptKey(privateKey, 'a good password', COST)
      writeFileSync(file, `\uFEFF${text}`)
      expect(decryptKey(readKeystore(file), 'a good password', file)).to.equal(privateKey)
      const wide = Buffer.from(`\uFEFF${text}`, 'utf16le')
      writeFileSync(file, wide)
      expect(decryptKey(readKeystore(file), 'a good password', file)).to.equal(privateKey)
      writeFileSync(file, wide.swap16())
      expect(decryptKey(readKeystore(file), 'a good password', file)).to.equal(privateKey)

      const latin1 = Uint8Array.of(0x70, 0xe4, 0x73, 0x73)
      const sealed = sealWith(latin1, JSON.parse(text))
      expect(decryptKey(sealed, latin1, file)).to.equal(privateKey)
      expect(() => decryptKey(sealed, 'päss', file)).to.throw('does not decrypt')
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  it('pads a key that its maker wrote without leading zeros', () => {
    const short = `0x${'00'.repeat(2)}${'17'.repeat(30)}` as const
    const file = JSON.parse(encryptKey(short, 'a good password', COST))
    const whole = JSON.stringify(file)
    delete file.address
    const cut = sealWith(Buffer.from('a good password'), file, Buffer.alloc(30, 0x17))
    expect(decryptKey(whole, 'a good password', 'x.json')).to.equal(short)
    expect(decryptKey(cut, 'a good password', 'x.json')).to.equal(short)
  })

  it('refuses a file whose key has another address than it says', () => {
    const file = JSON.parse(encryptKey(privateKey, 'a good password', COST))
    const other = privateKeyToAccount(keccak256('0x01')).address
    file.address = other
    expect(() => decryptKey(JSON.stringify(file), 'a good password', 'x.json')).to.throw(
      `x.json says that its key is of ${other}, but it is of ${address}.`,
    )
    delete file.address
    expect(decryptKey(JSON.stringify(file), 'a good password', 'x.json')).to.equal(privateKey)
  })

  it('never overwrites a file, and lets its owner alone read it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'assay-keys-'))
    try {
      const file = join(dir, 'me.json')
      await writeKeystore(file, 'first')

      const again = await writeKeystore(file, 'second').catch((error) => error)
      expect(again.message).to.equal(
        `The keystore ${file} can't be written: EEXIST: file already exists, write '${file}'.`,
      )
      expect(again.fix).to.equal('A keystore is never overwritten: choose another file name.')
      expect(readdirSync(dir)).to.deep.equal(['me.json'])
      expect(readFileSync(file, 'utf8')).to.equal('first')
      expect(statSync(file).mode & 0o777).to.equal(0o600)
      expect(() => readKeystore(join(dir, 'nobody.json'))).to.throw("can't be read")
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  it('reads a plain key with and without 0x, and does not repeat what it refuses', () => {
    expect(parsePrivateKey(privateKey, 'X')).to.equal(privateKey)
    expect(parsePrivateKey(` ${privateKey.slice(2)}\n`, 'X')).to.equal(privateKey)
    expect(() => parsePrivateKey('0xsecret', 'X'))
      .to.throw('X does not hold a private key')
      .and.not.match(/secret/)
    for (const number of ['00'.repeat(32), 'ff'.repeat(32)]) {
      expect(() => parsePrivateKey(number, 'X')).to.throw("X holds a number that can't be a private key")
    }
  })
})

const PBKDF2 = { prf: 'hmac-sha256', dklen: 32, salt: '00'.repeat(32) }

/** The text of a keystore whose key, 32 bytes or fewer, is encrypted anew with a password of any bytes. */
function sealWith(
  password: Uint8Array,
  file: { crypto: object },
  key: Uint8Array = hexToBytes(keccak256(toHex('keystore test'))),
): string {
  const derived = pbkdf2Sync(password, Buffer.from(PBKDF2.salt, 'hex'), 2, 32, 'sha256')
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), Buffer.alloc(16))
  const ciphertext = Buffer.concat([cipher.update(key), cipher.final()])
  const crypto = {
    ...file.crypto,
    kdf: 'pbkdf2',
    kdfparams: { ...PBKDF2, c: 2 },
    cipherparams: { iv: '00'.repeat(16) },
    ciphertext: ciphertext.toString('hex'),
    mac: keccak256(concat([derived.subarray(16, 32), ciphertext])).slice(2),
  }
  return JSON.stringify({ ...file, crypto })
}
