import { expect } from 'chai'
import { type Address, decodeFunctionData, type Hex, numberToHex, zeroAddress, zeroHash } from 'viem'
import type { Deployment } from '../../client/deployment.ts'
import { iWindowAccusationsAbi } from '../../generated/IWindowAccusations.ts'
import { CASE_KINDS, type CaseFacts } from '../../protocol/cases.ts'
import { accusePassCall } from './accuse-pass.ts'
import { accuseReadStepCall } from './accuse-read-step.ts'
import { requestWindowCall, type SeatProof, type SecondSeat } from './request-window.ts'

const address = (number: number): Address => numberToHex(number, { size: 20 })
const hash = (number: number): Hex => numberToHex(number, { size: 32 })
const [CONTRIBUTOR, VALIDATOR] = [address(1), address(2)]
const deployment = {
  contracts: { windowAccusations: address(4) },
} as unknown as Deployment

const record = {
  baseModelHash: hash(1),
  previousBeacon: hash(2),
  weights: [1n, 2n, 3n, 4n] as const,
  validators: [VALIDATOR],
  cohorts: [0],
  resultsHashes: [hash(3)],
}
const said: SeatProof = {
  statement: { attempt: 1, hasSheets: true, cohorts: [0], words: [5n, 6n], salt: hash(4), voteHashes: [] },
  record,
  index: 0n,
  member: 7n,
}
const page = { index: 9n, contributors: [CONTRIBUTOR], commitments: [hash(5)] }
const facts: CaseFacts = {
  kind: 'windowWithheld',
  taskId: 1n,
  round: 2,
  subject: 3,
  challenger: VALIDATOR,
  bond: 4n,
  defendant: CONTRIBUTOR,
  base: 5n,
  accused: hash(6),
  context: zeroHash,
  evidence: zeroHash,
  committee: 0n,
  committedAt: 12n,
}

function sentTo(to: Address, data: Hex) {
  expect(to).to.equal(address(4))
  return decodeFunctionData({ abi: iWindowAccusationsAbi, data })
}

describe('Windows that readers judge', () => {
  it('ask for a window with what the seat itself said, and a second one if there is one', () => {
    const request = { taskId: 1n, round: 2, contributor: CONTRIBUTOR, page, said, drawn: 5, salt: hash(11) }
    const nothing = { attempt: 0, hasSheets: false, cohorts: [], words: [], salt: zeroHash, voteHashes: [] }
    const nobody = { validator: zeroAddress, statement: nothing, index: 0n }
    const other: SecondSeat = { validator: address(3), statement: said.statement, index: 4n }
    for (const second of [undefined, other]) {
      const call = requestWindowCall(deployment, { ...request, second })
      const { functionName, args } = sentTo(call.to, call.data)
      expect(functionName).to.equal('requestWindow')
      expect(args).to.deep.equal([1n, 2, CONTRIBUTOR, page, said, second ?? nobody, 5n, hash(11)])
    }
  })

  it('accuse who claims to have replayed the window of a step, in its case', () => {
    const step = { ...facts, kind: 'falseStep' as const }
    const call = accusePassCall(deployment, {
      caseId: 12n,
      facts: step,
      validator: VALIDATOR,
      page,
      said,
      drawn: 0,
    })
    const { functionName, args } = sentTo(call.to, call.data)
    expect(functionName).to.equal('accusePass')
    const told = { ...step, kind: CASE_KINDS.indexOf('falseStep') }
    expect(args).to.deep.equal([12n, told, VALIDATOR, page, said, 0n])
  })

  it('accuse a step that the caller has read, with the facts of the reading', () => {
    const fields = {
      baseModelHash: hash(1),
      updateHash: hash(2),
      stateRoot: hash(3),
      steps: 4,
      dataRoot: hash(5),
      salt: hash(6),
    }
    const step = {
      window: 3,
      before: hash(7),
      afterwards: hash(8),
      proofBefore: [hash(9)],
      proofAfterwards: [],
    }
    const call = accuseReadStepCall(deployment, {
      reading: { caseId: 11n, facts },
      seat: { instance: 1, place: 63 },
      fields,
      step,
      evidence: hash(10),
      salt: hash(11),
    })
    const { functionName, args } = sentTo(call.to, call.data)
    expect(functionName).to.equal('accuseReadStep')
    const told = { ...facts, kind: CASE_KINDS.indexOf('windowWithheld') }
    expect(args).to.deep.equal([11n, told, 1n, 63n, fields, step, hash(10), hash(11)])
  })
})
