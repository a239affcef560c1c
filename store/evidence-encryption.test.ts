import {
  decrypt,
  decryptWithKey,
  EncryptionError,
  generateEncryptionKeys,
} from '@assay/sdk/protocol/encryption.ts'
import { expect } from 'chai'
import {
  decryptEvidence,
  EVIDENCE_OVERHEAD_BYTES,
  encryptEvidence,
  encryptEvidenceKey,
} from './evidence-encryption.ts'
import { evidenceKey } from './records.ts'

describe('encrypted evidence', () => {
  const place = { commitment: `0x${'ab'.repeat(32)}`, window: 3 } as const
  const evidence = new TextEncoder().encode('the state before, samples and proofs')
  const key = new Uint8Array(32).fill(5)
  const validator = `0x${'cd'.repeat(20)}` as const
  const keys = generateEncryptionKeys(new Uint8Array(32).fill(7))
  const reader = { validator, encryptionKey: keys.publicKey }

  it('is one blob, for its window alone', () => {
    const blob = encryptEvidence(evidence, key, place)
    expect(blob).to.have.length(evidence.length + EVIDENCE_OVERHEAD_BYTES)
    expect(encryptEvidence(evidence, key, place)).to.deep.equal(blob)
    expect(decryptEvidence(blob, key, place)).to.deep.equal(evidence)
    for (const other of [
      { ...place, window: 4 },
      { ...place, commitment: `0x${'ac'.repeat(32)}` as const },
    ])
      expect(() => decryptEvidence(blob, key, other)).to.throw(EncryptionError, 'for another purpose')
    expect(() => decryptWithKey(key, blob, evidenceKey(place.commitment, 3, validator))).to.throw()
  })

  it('has a key that each reader gets under the name of its record, the same to whoever makes it again', () => {
    const encrypted = encryptEvidenceKey(key, reader, place)!
    const name = evidenceKey(place.commitment, place.window, validator)
    expect(decrypt(keys.secretKey, encrypted, name)).to.deep.equal(key)
    expect(encryptEvidenceKey(key, reader, place)).to.deep.equal(encrypted)
    const elsewhere = encryptEvidenceKey(key, reader, { ...place, window: 4 })!
    expect(() => decrypt(keys.secretKey, elsewhere, name)).to.throw(EncryptionError)
  })

  it('has none for a reader whose public key is none', () => {
    const unusable = { validator, encryptionKey: new Uint8Array(32) }
    expect(encryptEvidenceKey(key, unusable, place)).to.equal(undefined)
  })
})
