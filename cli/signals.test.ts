import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { repeatUntilInterrupted } from './signals.ts'

describe('signals', () => {
  it('end a repetition and its wait, so that no timer keeps the process from exiting', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const ended = repeatUntilInterrupted(3_600, async () => expect.fail('it was to wait for an hour'))
    // The test's own limit of time is a timer, too, from the first wait on.
    await setImmediate()
    const waiting = timers()
    process.emit('SIGTERM')
    await ended
    expect(timers()).to.equal(waiting - 1)
  })

  it('let what was begun end first, and repeat until then', async () => {
    let times = 0
    await repeatUntilInterrupted(0.001, async () => {
      if (++times === 3) process.emit('SIGTERM')
    })
    expect(times).to.equal(3)
  })
})
