import { aggregateCohort } from '@assay/engine/aggregate/aggregate.ts'
import { checkAggregate } from '@assay/engine/aggregate/check-aggregate.ts'
import { seedOf, smallPackage } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { failedEntry, unauditedEntry } from '@assay/sdk/protocol/entry-reasons.ts'
import { type ScoreEntry, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { expect } from 'chai'
import { zeroAddress } from 'viem'
import { playValidator } from './play.ts'

describe('behaviours of validators', () => {
  it('lazy: posts constants without looking, and repeats the first vote it sees', async () => {
    const { fillSheet, chooseVote } = playValidator({ name: 'lazy', seed: seedOf('chance') })
    const honest = async (): Promise<never> => {
      throw new Error('a lazy validator never computes anything')
    }
    const sheet: ScoreEntry[] = await fillSheet!({ round: 1, cohort: 0, size: 3, honest })
    expect(sheet).to.deep.equal(Array(3).fill(scoreEntry({ quality: 5_000, rarity: 10_000 })))
    const vote = { subject: 0, honest, forge: honest }
    expect(await chooseVote!({ ...vote, visible: [] })).to.equal(undefined)
    expect(await chooseVote!({ ...vote, visible: [seedOf('first'), seedOf('second')] })).to.equal(
      seedOf('first'),
    )
  })

  it('lying: invents the quality of some of what it scored, the same each time, and nothing else', async () => {
    const { fillSheet } = playValidator({ name: 'lying', seed: seedOf('chance') })
    const judged = [failedEntry('S0'), unauditedEntry('notDrawn'), scoreEntry({ quality: 0 })]
    const scored = Array.from({ length: 13 }, (_, i) => scoreEntry({ quality: 700 * (i + 1), rarity: 9_000 }))
    const place = { round: 3, cohort: 0, size: 16, honest: async () => [...judged, ...scored] }
    const sheet = await fillSheet!(place)
    expect(await fillSheet!(place)).to.deep.equal(sheet)
    expect(sheet.slice(0, 3)).to.deep.equal(judged)
    const lies = sheet.slice(3).filter(({ quality }, i) => quality !== scored[i]!.quality)
    expect(lies.length).to.be.within(4, 12)
    for (const { quality, rarity } of lies) {
      expect(quality).to.be.within(1, 10_000)
      expect(rarity).to.equal(9_000)
    }
    expect(await fillSheet!({ ...place, round: 4 })).to.not.deep.equal(sheet)
  })

  it('false-aggregator: turns the step of an aggregate around, and votes honestly on models', async () => {
    const { chooseVote } = playValidator({ name: 'false-aggregator', seed: seedOf('chance') })
    const { spec, init: base } = await smallPackage()
    const member = {
      weight: 3n,
      final: new Map([...base].map(([name, data]) => [name, data.map((v) => v + 1)])),
    }
    const { blob } = aggregateCohort({ spec, base, members: [member, { weight: 0n }] })
    const forged: Uint8Array[] = []
    const vote = {
      visible: [],
      honest: async () => blobHash(blob),
      forge: async (change: (blob: Uint8Array, of: TaskSpec) => Uint8Array) => {
        forged.push(change(blob, spec))
        return blobHash(forged[0]!)
      },
    }
    expect(await chooseVote!({ ...vote, subject: 'model' })).to.equal(blobHash(blob))
    expect(await chooseVote!({ ...vote, subject: 0 })).to.not.equal(blobHash(blob))
    const known = [{ weight: 3n, update: member.final }, { weight: 0n }]
    const answer = checkAggregate({ spec, base, blob: forged[0]!, members: known })
    expect(answer).to.include({ is: 'false', applied: blobHash(blob) })
  })

  it('griefing: calls all scores of colleagues false, whatever they are', () => {
    const { callsFalse, ...others } = playValidator({ name: 'griefing', seed: seedOf('chance') })
    expect(others).to.deep.equal({})
    const word = { taskId: 1n, round: 1, subject: 0, defendant: zeroAddress, accused: seedOf('said') }
    expect(callsFalse!({ ...word, kind: 'falseScore' })).to.equal(true)
    expect(callsFalse!({ ...word, kind: 'falseModel' })).to.equal(false)
  })

  it('silent: does nothing', () => {
    expect(playValidator({ name: 'silent', seed: seedOf('chance') })).to.deep.equal({ silent: true })
  })
})
