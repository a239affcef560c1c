import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { updateBytes } from '@assay/engine/fixtures/update-bytes.ts'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { type HandMadeUpdate, publishUpdate } from '../../../test/e2e/support/hand-made-update.ts'
import { ROUNDS, type StageScene, startStageScene } from '../../fixtures/stage-scene.ts'
import type { ClosedRound, JudgedMember } from './closed-round.ts'
import { readShownUpdate, type UpdateSource } from './shown-update.ts'

describe('what is left of an update in a case', () => {
  let scene: StageScene
  let source: UpdateSource

  before(async () => {
    scene = await startStageScene()
    const { task, store, baseModelHash } = scene
    source = {
      store,
      spec: task.spec,
      deployment: { chainId: 7, contracts: { rounds: ROUNDS } } as unknown as Deployment,
      round: {
        taskId: 3n,
        round: 4,
        baseModelHash,
        params: { stepsPerRound: task.spec.steps },
      } as unknown as ClosedRound,
    }
  })
  after(() => scene.stop())

  const read = ({ account, opening, commitment, data }: HandMadeUpdate) => {
    const { dataRoot } = opening
    const member: JudgedMember = {
      contributor: account.address,
      index: 0,
      commitment,
      dataRoot,
      sampleCount: data.n,
    }
    return readShownUpdate(source, member)
  }

  it('is the update itself, while stores have opening and bytes', async () => {
    const update = await scene.make(10)
    expect(await read(update)).to.include({ is: 'missing' })
    await publishUpdate(scene.store, update)
    const shown = await read(update)
    expect(shown).to.include({ is: 'there' })
    const { final } = shown as { final: HandMadeUpdate['training']['final'] }
    expect(updateBytes(scene.task.spec, final)).to.deep.equal(update.blob)
  })

  it('is missing once its bytes are gone, which nobody is guilty of', async () => {
    const update = await scene.make(11)
    await publishUpdate(scene.store, update)
    await rm(join(scene.dir, 'blobs'), { recursive: true })
    expect(await read(update)).to.include({ is: 'missing' })
  })

  it('is refused for bytes that were committed to and fail S1, foreign when opened for something else', async () => {
    const refused = await scene.make(12, { blob: new Uint8Array(9) })
    await publishUpdate(scene.store, refused)
    expect(await read(refused)).to.include({ is: 'refused' })
    const foreign = await scene.make(13, { opening: { baseModelHash: zeroHash } })
    await publishUpdate(scene.store, foreign)
    expect(await read(foreign)).to.include({ is: 'foreign' })
  })
})
