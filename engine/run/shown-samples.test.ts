import { expect } from 'chai'
import { lineSamples, regressionTask, tokensTask } from '../fixtures/kinds-of-samples.ts'
import { blobs, packageOf, seedOf, smallPackage } from '../fixtures/small-tasks.ts'
import { type Dataset, withoutStrata } from '../package/data.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { maxSamplesBytes, readSamples, writeSamples } from './shown-samples.ts'

describe('samples in evidence', () => {
  let classes: TaskSpec
  let values: TaskSpec
  let tokens: TaskSpec
  const pairs = { tokens: Int32Array.of(0, 1, 2, 3, 4, 3, 2, 1), scale: Float32Array.of(1, -0.5) }
  const sentences: Dataset = { inputs: pairs, y: Int32Array.of(1, 2, 3, 4, 3, 2, 1, 0), n: 2 }
  before(async () => {
    ;({ spec: classes } = await smallPackage())
    ;({ spec: values } = await packageOf(regressionTask()))
    ;({ spec: tokens } = await packageOf(tokensTask()))
  })

  const refusal = (bytes: Uint8Array, n = 2) => {
    try {
      readSamples(tokens, bytes, n)
      return 'it was read'
    } catch (error) {
      return `${(error as { code: string }).code}: ${(error as Error).message}`
    }
  }
  const changed = (change: (samples: Dataset) => void) => {
    const samples = structuredClone(sentences)
    change(samples)
    return writeSamples(tokens, samples)
  }

  it('come back value for value, of each kind, without strata', () => {
    const cases: [TaskSpec, Dataset][] = [
      [classes, blobs(20, seedOf('shown'))],
      [values, lineSamples('shown', 30)],
      [tokens, sentences],
    ]
    for (const [spec, samples] of cases) {
      const shown = writeSamples(spec, samples)
      expect(readSamples(spec, shown, samples.n)).to.deep.equal(withoutStrata(samples))
      expect(shown.length).to.be.at.most(maxSamplesBytes(spec, samples.n))
    }
  })

  it('are few bytes where values repeat, and never more than their limit', () => {
    const n = 1_000
    const noise = lineSamples('noise', n)
    expect(writeSamples(values, noise).length).to.be.at.most(maxSamplesBytes(values, n))
    const even = { inputs: { x: new Float32Array(3 * n).fill(0.5) }, y: new Float32Array(n), n }
    expect(writeSamples(values, even).length).to.be.below(maxSamplesBytes(values, n) / 50)
  })

  it('are refused when they are none, are more or fewer, or have values out of their range', () => {
    const good = writeSamples(tokens, sentences)
    expect(refusal(good)).to.equal('it was read')
    expect(refusal(good, 1)).to.equal('evidence: data does not inflate: it inflates to more than 36 bytes')
    expect(refusal(good, 3)).to.equal(
      'evidence: data does not inflate: it inflates to 72 bytes, expected 108',
    )
    expect(refusal(good.subarray(0, 20))).to.contain('evidence: data does not inflate')
    expect(refusal(new Uint8Array(0))).to.contain('evidence: data does not inflate')
    const wrong: [(samples: Dataset) => void, string][] = [
      [({ inputs }) => inputs.tokens!.fill(5, 7), 'data: tokens[7] is 5: values go from 0 to 4'],
      [({ inputs }) => inputs.scale!.fill(Number.NaN, 1), 'data: scale[1] is NaN: every value must be'],
      [({ y }) => y.fill(-1, 0, 1), 'data: y[0] is -1: tokens go from 0 to 4'],
    ]
    for (const [change, sentence] of wrong) expect(refusal(changed(change))).to.contain(sentence)
  })
})
