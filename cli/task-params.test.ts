import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { writeTaskPackage } from '@assay/engine/node/task-package.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { expect } from 'chai'
import { parseEther, zeroHash } from 'viem'
import { CliError } from './failure.ts'
import { taskParams } from './task-params.ts'
import { parseTerms, TERMS_EXAMPLE } from './task-terms.ts'

const TOKEN = { symbol: 'USDC', decimals: 6, address: `0x${'c1'.repeat(20)}` } as const

describe('the parameters of a task', () => {
  let dir: string
  let taskPackage: TaskPackage
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-task-params-'))
    taskPackage = await writeTaskPackage(dir, smallTask())
  })
  after(() => rm(dir, { recursive: true }))

  const params = (changes: object, namesProgram = true) =>
    taskParams(
      parseTerms(JSON.stringify({ ...JSON.parse(TERMS_EXAMPLE), ...changes }), 'terms.json'),
      taskPackage,
      { token: TOKEN, namesProgram },
    )

  it('are, among others, prices in the reward token, which may be 0, and fee and stakes in ASSAY', () => {
    expect(params({ priceCompute: '0.00', priceData: '2.5' })).to.include({
      priceCompute: 0n,
      priceData: 2_500_000n,
      enrolmentFee: parseEther('1'),
      minValidatorStake: parseEther('1000'),
    })
  })

  it("come with the package's program, or with none if the owner wants none", () => {
    expect(params({}).programRoot).to.equal(taskPackage.programRoot)
    expect(params({}, false).programRoot).to.equal(zeroHash)
  })

  it('are refused by the name of their field', () => {
    for (const [field, text, reason] of [
      ['priceCompute', '0.0000001', 'has 7 decimals, and USDC has 6.'],
      ['priceData', '-1', 'is not a number of USDC.'],
      ['priceData', '0,01', 'has a comma that may be a decimal point, or separate thousands.'],
      ['priceValidation', `1${'0'.repeat(23)}`, 'is more than 79,228,100,000,000,000,000,000 USDC.'],
      ['enrolmentFee', '0', 'is not above 0.'],
      ['contributorStake', '1,000', 'has a comma that may be a decimal point, or separate thousands.'],
      ['minValidatorStake', '79228162515', 'is more than 79,228,100,000 ASSAY.'],
    ] as const) {
      expect(() => params({ [field]: text })).to.throw(CliError, `${field} "${text}" ${reason}`)
    }
  })
})
