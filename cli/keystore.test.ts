import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Wallet } from 'ethers'
import { keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import {
  addressOfKeystore,
  decryptKey,
  encryptKey,
  parsePrivateKey,
  readKeystore,
  writeKeystore,
} from './keystore.ts'

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

    expect(() => decryptKey('{', 'x', 'x.json')).to.throw('it is not JSON')
    expect(() => decryptKey('{"version":1}', 'x', 'x.json')).to.throw('version')
    expect(() => decryptKey(JSON.stringify(huge), 'x', 'x.json')).to.throw('N 1073741824')
    expect(() => decryptKey(JSON.stringify(odd), 'x', 'x.json')).to.throw('N 1000')
  })

  it('never overwrites a file, and lets its owner alone read it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'assay-keys-'))
    try {
      const file = join(dir, 'me.json')
      writeKeystore(file, 'first')

      expect(() => writeKeystore(file, 'second')).to.throw("can't be written")
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
  })
})
