import { decrypt, generateEncryptionKeys } from '@assay/sdk/protocol/encryption.ts'
import { expect } from 'chai'
import { numberToHex, zeroHash } from 'viem'
import { StoreError } from './blob-store.ts'
import {
  type CasePlace,
  caseKeyFor,
  decryptCaseEvidence,
  encryptCaseEvidence,
  evidenceOfKeys,
  juryContext,
  MAX_CASE_KEYS_BYTES,
  writeCaseKeys,
} from './case-evidence.ts'

const KEY = new Uint8Array(32).fill(7)
const EVIDENCE = new TextEncoder().encode('what jurors need')
const BLOB = numberToHex(0xbe, { size: 32 })
const account = (n: number) => numberToHex(n, { size: 20 })
const keysOf = (n: number) => generateEncryptionKeys(new Uint8Array(32).fill(n))
const PLACE: CasePlace = {
  chainId: 7,
  kind: 'falseStep',
  taskId: 3n,
  round: 4,
  subject: 5,
  defendant: account(6),
}

describe('the evidence of a case', () => {
  it('is read with its key and for its case alone', () => {
    const { blob, key } = encryptCaseEvidence(EVIDENCE, PLACE)
    expect(encryptCaseEvidence(EVIDENCE, PLACE)).to.deep.equal({ blob, key })
    expect(decryptCaseEvidence(blob, key, PLACE)).to.deep.equal(EVIDENCE)
    expect(encryptCaseEvidence(EVIDENCE.with(0, 1), PLACE).key).to.not.deep.equal(key)
    const others: CasePlace[] = [
      { ...PLACE, chainId: 8 },
      { ...PLACE, kind: 'falseScore' },
      { ...PLACE, taskId: 4n },
      { ...PLACE, round: 5 },
      { ...PLACE, subject: 6 },
      { ...PLACE, defendant: account(7) },
    ]
    for (const other of others) expect(() => decryptCaseEvidence(blob, key, other)).to.throw('was altered')
    expect(() => decryptCaseEvidence(blob, new Uint8Array(32), PLACE)).to.throw('was altered')
    expect(() => decryptCaseEvidence(blob.with(3, blob[3]! ^ 1), key, PLACE)).to.throw('was altered')
  })

  it('is opened by each juror of a panel with its own key, and by nobody else', () => {
    const jurors = [1, 2].map((n) => ({ juror: account(n), encryptionKey: keysOf(n).publicKey }))
    const blob = writeCaseKeys(KEY, BLOB, jurors)
    expect(writeCaseKeys(KEY, BLOB, jurors.toReversed())).to.deep.equal(blob)
    for (const n of [1, 2]) {
      const encrypted = caseKeyFor(blob, account(n))!
      const context = juryContext(BLOB, account(n))
      expect(decrypt(keysOf(n).secretKey, encrypted, context)).to.deep.equal(KEY)
      expect(() => decrypt(keysOf(3).secretKey, encrypted, context)).to.throw('was altered')
      expect(() => decrypt(keysOf(n).secretKey, encrypted, juryContext(zeroHash, account(n)))).to.throw()
    }
    expect(caseKeyFor(blob, account(3))).to.equal(undefined)
  })

  it('goes to all others where one juror joined with a key that is none', () => {
    const jurors = [
      { juror: account(1), encryptionKey: new Uint8Array(32) },
      { juror: account(2), encryptionKey: keysOf(2).publicKey },
    ]
    const blob = writeCaseKeys(KEY, BLOB, jurors)
    expect(caseKeyFor(blob, account(1))).to.equal(undefined)
    expect(caseKeyFor(blob, account(2))).to.not.equal(undefined)
  })

  it('has keys within their limit for the largest panel, and is refused beyond it', () => {
    const encryptionKey = keysOf(1).publicKey
    const panel = (size: number) =>
      Array.from({ length: size }, (_, i) => ({ juror: account(i + 1), encryptionKey }))
    const full = writeCaseKeys(KEY, BLOB, panel(64))
    expect(full.length).to.be.at.most(MAX_CASE_KEYS_BYTES)
    expect(caseKeyFor(full, account(64))).to.have.length(1_169)
    expect(() => caseKeyFor(writeCaseKeys(KEY, BLOB, panel(65)), account(1))).to.throw('at most 64 jurors')
  })

  it('takes no malformed blob of keys', () => {
    const wrong = [
      '',
      '[]',
      `{"version":2,"evidence":"${BLOB}","keys":{}}`,
      '{"version":1,"keys":{}}',
      `{"version":1,"evidence":"${BLOB.slice(0, 65)}","keys":{}}`,
      `{"version":1,"evidence":"${BLOB}","keys":{},"more":1}`,
      `{"version":1,"evidence":"${BLOB}","keys":{"${account(1)}":"0x00"}}`,
      `{"version":1,"evidence":"${BLOB}","keys":{"0xAB":"0x${'00'.repeat(1_169)}"}}`,
    ]
    for (const text of wrong) {
      const read = () => caseKeyFor(new TextEncoder().encode(text), account(1))
      expect(read, text).to.throw(StoreError, 'the blob holds no keys of a case')
    }
    expect(() => caseKeyFor(Uint8Array.of(0xff), account(1))).to.throw(StoreError)
    const none = writeCaseKeys(KEY, BLOB, [])
    expect([caseKeyFor(none, account(1)), evidenceOfKeys(none)]).to.deep.equal([undefined, BLOB])
  })
})
