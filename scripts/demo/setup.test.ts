import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobHash } from '@assay/engine/hash.ts'
import { buildDigitsTask } from '@assay/lab/digits.ts'
import { expect } from 'chai'
import { castOf, demoSeed } from './cast.ts'
import { type DemoOptions, parseDemoOptions } from './options.ts'
import { writeShards } from './setup.ts'

const parse = (line: string) => parseDemoOptions(line.split(' ').filter((part) => part !== '')) as DemoOptions

describe('the demo: its shards', () => {
  it('are the same for everybody who is honest in both, with attackers and without', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-shards-'))
    try {
      const taskPackage = await buildDigitsTask({ dir: join(folder, 'package'), seed: demoSeed(3) })
      const shardsOf = async (line: string) => {
        const options = parse(line)
        const files = await writeShards(options, { taskPackage }, join(folder, line))
        const hashes = await Promise.all(files.map(async (file) => blobHash(await readFile(file))))
        return castOf(options).contributors.map(({ address, behaviour }, i) => ({
          address,
          behaviour,
          hash: hashes[i]!,
        }))
      }
      const [mixed, clean, reseeded] = await Promise.all([
        shardsOf('--seed 3 --attackers sign-flip:1,label-flip:2 --contributors 8'),
        shardsOf('--seed 3 --attackers none --contributors 8'),
        shardsOf('--seed 4 --attackers none --contributors 8'),
      ])
      const honest = mixed.filter(({ behaviour }) => behaviour === 'honest')
      expect(honest).to.have.length(5)
      expect(clean).to.deep.include.members(honest)
      expect(new Set([...clean, ...reseeded].map(({ hash }) => hash)).size, 'all different').to.equal(16)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
