import { aggregateCohort } from '@assay/engine/aggregate/aggregate.ts'
import type { KnownMember } from '@assay/engine/aggregate/check-aggregate.ts'
import { parseCohortBlob, writeCohortBlob } from '@assay/engine/aggregate/cohort-blob.ts'
import { noiseVector, seedOf, smallPackage } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { delta, unflatten } from '@assay/engine/run/update.ts'
import { expect } from 'chai'
import { NONE_BY_RULE } from './by-rule.ts'
import { aggregateByRule } from './false-aggregate.ts'

const WEIGHTS = [5n, 2n, 3n]

describe('the value of an accused aggregate', () => {
  let spec: TaskSpec
  let base: State
  let members: KnownMember[]
  let blob: Uint8Array

  before(async () => {
    const task = await smallPackage()
    spec = task.spec
    base = task.init
    const size = delta(spec, base, base).length
    members = WEIGHTS.map((weight, i) => ({
      weight,
      update: unflatten(spec, noiseVector(size, seedOf('member', BigInt(i)))),
    }))
    const finals = members.map(({ weight, update }) => ({ weight, final: update as State }))
    blob = aggregateCohort({ spec, base, members: finals }).blob
  })

  const ask = (bytes: Uint8Array, known = members) =>
    aggregateByRule({ spec, base, blob: bytes, members: known })

  it('is the hash that was voted for, if it is the rule’s', () => {
    expect(ask(blob)).to.include({ value: blobHash(blob) })
  })

  it('is the hash that the rule gives for the members that a false one names', () => {
    const said = parseCohortBlob(spec, blob)
    const [name, values] = [...said.delta][0]!
    const moved = new Map(said.delta).set(name, values.with(0, values[0]! + 1))
    expect(ask(writeCohortBlob(spec, { ...said, delta: moved }))).to.include({ value: blobHash(blob) })
  })

  it('is one and the same for all that the rule gives no hash for', () => {
    const said = parseCohortBlob(spec, blob)
    const wrong: [string, Uint8Array, KnownMember[]?][] = [
      ['no aggregate', new Uint8Array(5)],
      ['another weight', writeCohortBlob(spec, { ...said, weight: 11n })],
      ['another number of members', writeCohortBlob(spec, { ...said, included: [true] })],
      ['an update that is refused', blob, members.with(1, { weight: 2n, update: 'refused' })],
    ]
    for (const [what, bytes, known] of wrong)
      expect(ask(bytes, known), what).to.include({ value: NONE_BY_RULE })
  })

  it('is missing while an update that it names is, and doesn’t care for the others', () => {
    expect(ask(blob, members.with(1, { weight: 2n }))).to.equal('missing')
    const finals = members.map(({ weight, update }, i) => ({
      weight,
      final: i === 1 ? undefined : (update as State),
    }))
    const fewer = aggregateCohort({ spec, base, members: finals }).blob
    expect(ask(fewer, members.with(1, { weight: 2n }))).to.include({ value: blobHash(fewer) })
  })

  it('comes with a trail of the updates that went into it', () => {
    const trailOf = (known: KnownMember[]) => (ask(new Uint8Array(5), known) as { trail: Uint8Array }).trail
    expect(trailOf(members)).to.deep.equal(trailOf(members))
    expect(trailOf(members)).to.not.deep.equal(trailOf(members.toReversed()))
  })
})
