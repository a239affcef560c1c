import { expect } from 'chai'
import { CliError } from './failure.ts'
import { trainerOf } from './trainer-options.ts'

describe('the options that say what trains', () => {
  it('leave training to the engine, or name the native runtime or a program', () => {
    expect(trainerOf({})).to.equal(undefined)
    expect(trainerOf({ trainer: 'native' })).to.deep.equal({ kind: 'native', provider: 'cpu', threads: 0 })
    expect(trainerOf({ trainer: 'native', nativeProvider: 'cuda', nativeThreads: 2 })).to.deep.equal({
      kind: 'native',
      provider: 'cuda',
      threads: 2,
    })
    const command = 'python train.py'
    expect(trainerOf({ trainer: command })).to.deep.equal({ kind: 'program', command })
  })

  it('say how the native runtime computes only where it does', () => {
    expect(() => trainerOf({ nativeThreads: 2 }))
      .to.throw(CliError, '--native-threads is for --trainer native, and no --trainer is given')
      .and.have.property('fix', 'Leave it away, or give --trainer native.')
    expect(() => trainerOf({ trainer: 'python train.py', nativeProvider: 'cuda' })).to.throw(
      CliError,
      '--native-provider is for --trainer native, not for --trainer "python train.py"',
    )
  })
})
