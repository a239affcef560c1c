import { expect } from 'chai'
import { clockOf, type Deadline, inShareOf, inTimeFor, lookAtEach } from './deadlines.ts'

/** A deadline that only the test reaches. */
function heldDeadline(msLeft = 1_000_000): Deadline & { reach(): void } {
  const controller = new AbortController()
  const reach = () => controller.abort(new Error('the phase is over'))
  return { signal: controller.signal, msLeft: () => msLeft, reach }
}

const aborted = ({ signal }: Deadline) =>
  new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason.message)))

describe('the time of a duty', () => {
  const clock = (secondsLeft: number, lastCall = false) => ({ secondsLeft, lastCall, endsAt: 0 })
  const never = new AbortController().signal

  it('goes to the last call before it, and to a part of the rest afterwards', async () => {
    const msOf = (lastCall: boolean) =>
      inTimeFor(clock(1_000, lastCall), never, async ({ msLeft }) => msLeft())
    expect(await msOf(false)).to.be.within(900_000, 1_000_000)
    expect(await msOf(true)).to.be.within(500_000, 600_000)
  })

  it('is over at once when the phase is, or the daemon stops', async () => {
    expect(await inTimeFor(clock(0), never, aborted)).to.equal('its 0 ms are over')
    const stopped = AbortSignal.abort(new Error('stopping'))
    expect(await inTimeFor(clock(1_000), stopped, async ({ signal }) => signal.reason.message)).to.equal(
      'stopping',
    )
  })

  it('ends with the time of the whole that it is a part of', async () => {
    const whole = heldDeadline()
    const part = inShareOf(whole, 4, async (share) => [share.msLeft(), await aborted(share)])
    whole.reach()
    const [ms, reason] = await part
    expect(ms).to.be.within(200_000, 250_000)
    expect(reason).to.equal('the phase is over')
  })

  it('counts a phase whose ends are unknown as the last moment', () => {
    expect(clockOf({ start: undefined, end: undefined }, 50)).to.deep.equal({ ...clock(0, true), endsAt: 50 })
  })
})

describe('looks at many things', () => {
  it('leave each an equal share, and one for what comes after, however many hang', async () => {
    const whole = heldDeadline(600)
    const shares = await lookAtEach([1, 2, 3, 4, 5], { lanes: 1, deadline: whole }, async (_, { msLeft }) =>
      Math.round(600 / msLeft()),
    )
    expect(shares, 'of what is left, which stays the same here').to.deep.equal([6, 5, 4, 3, 2])
  })

  it('are never more than the lanes, and keep the order of the items', async () => {
    let running = 0
    let most = 0
    const results = await lookAtEach(
      [5, 4, 3, 2, 1, 0],
      { lanes: 3, deadline: heldDeadline() },
      async (n) => {
        most = Math.max(most, ++running)
        for (let i = 0; i < n; i++) await Promise.resolve()
        running--
        return 10 * n
      },
    )
    expect(results).to.deep.equal([50, 40, 30, 20, 10, 0])
    expect(most).to.equal(3)
  })

  it('go on in the other lanes while one hangs, until its share is over', async () => {
    const seen: number[] = []
    const whole = heldDeadline(200)
    await lookAtEach([0, 1, 2, 3], { lanes: 2, deadline: whole }, async (n, share) => {
      if (n === 0) await aborted(share)
      seen.push(n)
    })
    expect(seen).to.deep.equal([1, 2, 3, 0])
  })
})
