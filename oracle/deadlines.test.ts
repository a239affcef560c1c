import { expect } from 'chai'
import { clockOf, type Deadline, inShareOf, inTimeFor, laterBy, lookAtEach, takeTurns } from './deadlines.ts'

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

  it('is less by what came before it at the same block, and never below none', () => {
    expect(laterBy(clock(15, true), 11)).to.deep.equal(clock(4, true))
    expect(laterBy(clock(15), 20)).to.deep.equal(clock(0))
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

  it('leave their lane after their share of the time, and go on until the deadline', async () => {
    const seen: number[] = []
    const whole = heldDeadline(40)
    const hung = lookAtEach([0, 1, 2, 3], { lanes: 1, deadline: whole }, async (n, deadline) => {
      if (n === 0) await aborted(deadline)
      seen.push(n)
      // The others are all done before the first one ends.
      if (seen.length === 3) whole.reach()
      return n
    })
    expect(await hung).to.deep.equal([0, 1, 2, 3])
    expect(seen).to.deep.equal([1, 2, 3, 0])
  })

  it('end with the first that fails', async () => {
    const fault = new Error('nobody thought of this')
    const failing = lookAtEach([0, 1, 2], { lanes: 3, deadline: heldDeadline() }, async (n) => {
      for (let i = 0; i < n; i++) await Promise.resolve()
      if (n > 0) throw n === 1 ? fault : new Error('too late to matter')
    })
    expect(await failing.catch((error: unknown) => error)).to.equal(fault)
  })

  it('leave nothing running and begin nothing once one has failed', async () => {
    const begun: number[] = []
    const ended: Promise<string>[] = []
    const failing = inShareOf(heldDeadline(), 1, (deadline) =>
      lookAtEach([0, 1, 2, 3, 4], { lanes: 2, deadline }, async (n, own) => {
        begun.push(n)
        if (n === 1) throw new Error('no answer')
        ended.push(aborted(own))
        await ended.at(-1)
      }),
    )
    expect(await failing.catch((error: Error) => error.message)).to.equal('no answer')
    expect(await Promise.all(ended)).to.deep.equal(['the work that it is a part of is over'])
    expect(begun).to.deep.equal([0, 1])
  })
})

describe('turns with the engine', () => {
  const sharesOf = (msLeft: number, leastMs: number) =>
    takeTurns([1, 2, 3, 4, 5], { deadline: heldDeadline(msLeft), leastMs: () => leastMs }, async (_, share) =>
      share.msLeft(),
    )

  it('take an equal share each, and leave one for what comes after', async () => {
    const shares = await sharesOf(600_000, 0)
    expect(
      shares.map((ms) => Math.round(600_000 / ms)),
      'of what is left, which stays the same here',
    ).to.deep.equal([6, 5, 4, 3, 2])
  })

  it('take at least what such work takes on this machine, but never more than is left', async () => {
    for (const ms of await sharesOf(600_000, 400_000)) expect(ms).to.be.within(390_000, 400_000)
    for (const ms of await sharesOf(600_000, 900_000)) expect(ms).to.be.within(590_000, 600_000)
  })

  it('go on after one that was broken off', async () => {
    const turns = takeTurns([0, 1, 2], { deadline: heldDeadline(40), leastMs: () => 0 }, async (n, share) =>
      n === 0 ? aborted(share) : n,
    )
    expect(await turns).to.deep.equal(['its 10 ms are over', 1, 2])
  })
})
