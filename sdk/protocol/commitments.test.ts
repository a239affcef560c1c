import { expect } from 'chai'
import { type Address, hashTypedData, keccak256, recoverTypedDataAddress, toHex, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import {
  pageDigest,
  type ScoreContent,
  type SubmissionContent,
  scoreCommitment,
  sheetHash,
  submissionCommitment,
  submissionTypedData,
  voteOf,
} from './commitments.ts'
import type { Hash } from './random.ts'

const hash = (byte: string): Hash => `0x${byte.repeat(32)}`
const address = (byte: string): Address => `0x${byte.repeat(20)}`
const PLACE = { chainId: 31_337, rounds: address('aa'), taskId: 1n, round: 3 }
const CONTENT: SubmissionContent = {
  ...PLACE,
  contributor: address('01'),
  baseModelHash: hash('02'),
  updateHash: hash('03'),
  stateRoot: hash('04'),
  steps: 120,
  dataRoot: hash('05'),
  salt: hash('06'),
}
const SCORES: ScoreContent = {
  ...PLACE,
  attempt: 0,
  validator: address('07'),
  cohorts: [0, 4],
  words: [1n, 2n, 3n, 4n],
  salt: hash('08'),
}

describe('Commitments', () => {
  it('of a submission change with every field (attack 33)', () => {
    const others: Partial<SubmissionContent>[] = [
      { chainId: 1 },
      { rounds: address('bb') },
      { taskId: 2n },
      { round: 4 },
      { contributor: address('11') },
      { baseModelHash: hash('12') },
      { updateHash: hash('13') },
      { stateRoot: hash('14') },
      { steps: 121 },
      { dataRoot: hash('15') },
      { salt: hash('16') },
    ]
    const digests = [CONTENT, ...others.map((other) => ({ ...CONTENT, ...other }))].map(submissionCommitment)
    expect(new Set(digests).size).to.equal(12)
  })

  it('of scores change with every field (attack 33)', () => {
    const others: Partial<ScoreContent>[] = [
      { chainId: 1 },
      { rounds: address('bb') },
      { taskId: 2n },
      { round: 4 },
      { attempt: 1 },
      { validator: address('17') },
      { cohorts: [0, 5] },
      { cohorts: [4, 0] },
      { words: [1n, 2n, 3n, 5n] },
      { salt: hash('18') },
    ]
    const digests = [SCORES, ...others.map((other) => ({ ...SCORES, ...other }))].map(scoreCommitment)
    expect(new Set(digests).size).to.equal(11)
  })

  it('need two words a cohort', () => {
    expect(() => sheetHash([0, 1], [1n, 2n, 3n])).to.throw(RangeError, '3 words for 2 cohorts')
  })

  it('of a page start at zero and depend on order', () => {
    const a = { contributor: address('01'), commitment: hash('0a') }
    const b = { contributor: address('02'), commitment: hash('0b') }
    expect(pageDigest([])).to.equal(zeroHash)
    expect(pageDigest([a, b])).to.not.equal(pageDigest([b, a]))
  })

  it('are signed for one contract on one chain (attack 35)', async () => {
    const account = privateKeyToAccount(keccak256(toHex('commitments test')))
    const typedData = submissionTypedData({ ...PLACE, commitment: hash('0c') })
    const signature = await account.signTypedData(typedData)
    expect(await recoverTypedDataAddress({ ...typedData, signature })).to.equal(account.address)

    const elsewhere = [{ chainId: 1 }, { rounds: address('bb') }, { taskId: 2n }, { round: 4 }]
    const digests = elsewhere.map((at) =>
      hashTypedData(submissionTypedData({ ...PLACE, ...at, commitment: hash('0c') })),
    )
    expect(new Set([...digests, hashTypedData(typedData)]).size).to.equal(5)
  })

  it('of votes keep the low 224 bits', () => {
    expect(voteOf(`0xffffffff${'01'.repeat(28)}`)).to.equal(BigInt(`0x${'01'.repeat(28)}`))
  })
})
