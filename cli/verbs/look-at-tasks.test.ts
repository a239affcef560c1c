import { NO_PROGRAM } from '@assay/sdk/protocol/program.ts'
import { expect } from 'chai'
import { programText } from './look-at-tasks.ts'

describe('the program of a task, as it is shown', () => {
  it('is its root, or that there is none', () => {
    const root = `0x${'ab'.repeat(32)}` as const
    expect(programText(root)).to.equal(root)
    expect(programText(NO_PROGRAM)).to.equal('none: no contract can check a training step')
  })
})
