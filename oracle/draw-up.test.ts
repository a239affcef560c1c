import { openDaemonDatabase } from '@assay/daemon/database.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import { publishUpdate } from '../test/e2e/support/hand-made-update.ts'
import { inTimeFor } from './deadlines.ts'
import { learnOpenings } from './draw-up.ts'
import { type StageScene, startStageScene } from './fixtures/stage-scene.ts'
import { SEEN_UPDATES_MIGRATION } from './seen-updates.ts'

describe('the openings of a round', () => {
  let scene: StageScene
  before(async () => {
    scene = await startStageScene()
  })
  after(() => scene.stop())

  it('are learnt from all but the one whose look fails, however it fails', async () => {
    const [cursed, ...others] = await Promise.all([0, 1, 2].map((n) => scene.make(n)))
    for (const update of [cursed!, ...others]) await publishUpdate(scene.store, update)
    const store: BlobStore = {
      ...scene.store,
      getRecord: async (key, options) => {
        if (key.includes(cursed!.commitment)) throw new TypeError('nobody thought of this')
        return scene.store.getRecord(key, options)
      },
    }
    const db = openDaemonDatabase(':memory:', ['SELECT 1', SEEN_UPDATES_MIGRATION])
    const submissions = [cursed!, ...others].map(({ account, commitment }, index) => ({
      contributor: account.address,
      index,
      commitment,
    }))

    const clock = { lastCall: true, secondsLeft: 600, endsAt: 0 }
    await inTimeFor(clock, new AbortController().signal, (deadline) =>
      learnOpenings({ store, db }, { taskId: 3n, round: 4, submissions }, deadline),
    )

    const learnt = db.prepare('SELECT submission, update_hash FROM seen_updates ORDER BY submission').all()
    expect(learnt.map((row) => ({ ...row }))).to.deep.equal(
      others.map(({ opening }, i) => ({ submission: i + 1, update_hash: opening.updateHash })),
    )
    db.close()
  })
})
