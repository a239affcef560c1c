import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import { learnPreprocess } from '@assay/engine/prepare/learn.ts'
import { makeSamples } from '@assay/engine/prepare/make-samples.ts'
import { expect } from 'chai'
import { WORKED_EXAMPLES } from './worked-examples.ts'

const LENGTH = 32

describe('the files of moby-dick', () => {
  it('ask for the characters after each sample of the last chapter, which nobody trains on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-moby-'))
    try {
      const { write } = WORKED_EXAMPLES.find(({ name }) => name === 'moby-dick')!
      const { train, test, asked, expected } = await write(folder, '0x01')
      const chapters = (await rawFilesAt(train)).files
      expect(chapters).to.have.length(9)
      const { recipe } = await learnPreprocess(chapters, { length: LENGTH })
      if (recipe.kind !== 'text' || recipe.vocabulary.of !== 'characters') return expect.fail(recipe.kind)
      const samplesOf = async (path: string, isLabelled: boolean) =>
        makeSamples(recipe, (await rawFilesAt(path)).files, { isLabelled, hasStrata: false })
      const [labelled, unlabelled] = [await samplesOf(test, true), await samplesOf(asked, false)]
      expect(unlabelled.tensors.get('x')).to.deep.equal(labelled.tensors.get('x'))
      const characters = [...recipe.vocabulary.characters]
      const last = [...labelled.tensors.get('y')!.data].filter((_, i) => i % LENGTH === LENGTH - 1)
      expect(last.map((token) => characters[Number(token)])).to.deep.equal(expected)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
