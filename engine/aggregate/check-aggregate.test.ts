import { expect } from 'chai'
import { noiseVector, seedOf, smallPackage } from '../fixtures/small-tasks.ts'
import { readSafetensors, writeSafetensors } from '../package/safetensors.ts'
import type { State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { delta, unflatten } from '../run/update.ts'
import { aggregateCohort } from './aggregate.ts'
import { checkAggregate, type KnownMember } from './check-aggregate.ts'
import { parseCohortBlob, writeCohortBlob } from './cohort-blob.ts'

const WEIGHTS = [5n, 0n, 2n, 3n]

describe('whether an aggregate is the rule applied to its own members', () => {
  let spec: TaskSpec
  let base: State
  let finals: State[]
  let known: KnownMember[]

  before(async () => {
    const task = await smallPackage()
    spec = task.spec
    base = task.init
    const size = delta(spec, base, base).length
    finals = WEIGHTS.map((_, i) => unflatten(spec, noiseVector(size, seedOf('member', BigInt(i)))))
    known = WEIGHTS.map((weight, i) => ({ weight, update: finals[i]! }))
  })

  /** The blob of a seat that could get these members' updates. */
  const blobOf = (...seen: number[]) =>
    aggregateCohort({
      spec,
      base,
      members: WEIGHTS.map((weight, i) => ({ weight, final: seen.includes(i) ? finals[i] : undefined })),
    }).blob
  const check = (blob: Uint8Array, members = known) => checkAggregate({ spec, base, blob, members })
  /** What the blob says, but for one part. */
  const changed = (blob: Uint8Array, change: Partial<ReturnType<typeof parseCohortBlob>>) =>
    writeCohortBlob(spec, { ...parseCohortBlob(spec, blob), ...change })

  it('is true whoever was left out, so that no vanished update makes an honest vote false', () => {
    for (const seen of [[0, 2, 3], [0, 3], [2], []])
      expect(check(blobOf(...seen)), `${seen}`).to.deep.equal({ is: 'true' })
    expect(check(blobOf(0, 1, 2, 3)), 'a member without weight never is in it').to.deep.equal({ is: 'true' })
  })

  it('is true without the updates of those that it leaves out', () => {
    const gone = known.with(2, { weight: 2n })
    expect(check(blobOf(0, 3), gone)).to.deep.equal({ is: 'true' })
    expect(check(blobOf(0, 3), known.with(2, { weight: 2n, update: 'refused' }))).to.deep.equal({
      is: 'true',
    })
  })

  it('is false with one other bit in its step, and says what the rule gives', () => {
    const blob = blobOf(0, 2, 3)
    const step = parseCohortBlob(spec, blob).delta
    const [name, values] = [...step][0]!
    const bits = new Uint32Array(values.slice().buffer)
    bits[0]! ^= 1
    const wrong = changed(blob, { delta: new Map(step).set(name, new Float32Array(bits.buffer)) })
    const { hash } = aggregateCohort({
      spec,
      base,
      members: known.map(({ weight }, i) => ({ weight, final: finals[i] })),
    })
    expect(check(wrong)).to.include({ is: 'false', applied: hash })
  })

  it('is false with another weight or another list of members, also while updates are missing', () => {
    const blob = blobOf(0, 2, 3)
    const noUpdates = WEIGHTS.map((weight) => ({ weight }))
    expect(check(changed(blob, { weight: 11n }), noUpdates)).to.deep.equal({
      is: 'false',
      reason: 'its weight is 11, the members that it names weigh 10',
    })
    const fewer = changed(blob, { included: [true, false, true, false] })
    expect(check(fewer, noUpdates)).to.deep.include({ is: 'false' })
    expect(check(changed(fewer, { weight: 7n }))).to.deep.include({ is: 'false' })
    expect(check(changed(fewer, { weight: 7n }))).to.have.property('applied')
  })

  it('is false with a member outside, of another cohort size, and when it is no aggregate', () => {
    const blob = blobOf(0, 2, 3)
    const answers: [string, Uint8Array, string][] = [
      [
        'outside',
        changed(blob, { included: [true, true, true, true] }),
        'the aggregate holds member 1, whose update has no weight',
      ],
      [
        'longer',
        changed(blob, { included: [true, false, true, true, false] }),
        'the aggregate speaks of 5 members, the cohort has 4',
      ],
      ['shorter', changed(blob, { included: [true] }), 'the aggregate speaks of 1 members, the cohort has 4'],
      ['nothing', new Uint8Array(0), 'cohort blob: file is truncated: 0 bytes, at least 8 are needed'],
    ]
    for (const [why, wrong, reason] of answers)
      expect(check(wrong), why).to.deep.equal({ is: 'false', reason })
    const words = writeSafetensors(readSafetensors(blob), { members: '1011 ' })
    expect(check(words)).to.deep.include({ is: 'false' })
  })

  it('is false with other bytes that say the same', () => {
    const blob = blobOf(0, 2, 3)
    const text = Buffer.from(blob).toString('latin1')
    const respelled = text.replace('"members":"1011"', '"members":"\\u0031011"')
    expect(respelled).to.have.length(text.length + 5)
    const bytes = Uint8Array.from(Buffer.from(respelled, 'latin1'))
    new DataView(bytes.buffer).setBigUint64(0, new DataView(blob.buffer).getBigUint64(0, true) + 5n, true)
    expect(parseCohortBlob(spec, bytes)).to.deep.equal(parseCohortBlob(spec, blob))
    expect(check(bytes)).to.deep.include({ is: 'false' })
  })

  it('is false with an update that is refused, and unknown while one that it names is missing', () => {
    const blob = blobOf(0, 2, 3)
    const refused = known.with(3, { weight: 3n, update: 'refused' })
    expect(check(blob, refused)).to.deep.equal({
      is: 'false',
      reason: 'it holds member 3, whose update is refused',
    })
    const missing = known.with(2, { weight: 2n })
    expect(check(blob, missing)).to.deep.equal({
      is: 'unknown',
      reason: 'nobody shows the update of member 2',
    })
  })
})
