import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { CASES } from './cases/cases.ts'
import { drawsFrom } from './draws.ts'
import { type Answer, libraryFunctions, openLibraries } from './solidity.ts'
import { answerOf, fixedVectors } from './vectors.ts'

const SEED = process.env.ASSAY_FUZZ_SEED ?? '0xa55a7'
const COMMITTED = join(import.meta.dirname, '../../vectors/libraries.json')

describe('Libraries in Solidity and TypeScript', () => {
  let solidity: Awaited<ReturnType<typeof openLibraries>>
  before(async () => {
    solidity = await openLibraries()
  })

  it(`agree on ten thousand drawn vectors (ASSAY_FUZZ_SEED=${SEED})`, async () => {
    let compared = 0
    for (const { name, count, draw } of CASES) {
      const draws = drawsFrom(`${SEED} ${name}`)
      const vectors = Array.from({ length: count }, () => draw(draws))
      const expected = vectors.map(({ twin }) => answerOf(twin))
      const actual = await solidity(vectors.map(({ args }) => ({ name, args })))
      const at = actual.findIndex((answer, i) => !same(answer, expected[i]))
      const found =
        at < 0
          ? ''
          : `${name}(${inspect(vectors[at]!.args)}): Solidity ${actual[at]}, TypeScript ${expected[at]}`
      expect(found).to.equal('')
      expect(
        expected.some((answer) => answer !== undefined),
        `${name} never answers`,
      ).to.equal(true)
      compared += actual.length
    }
    expect(compared).to.be.at.least(10_000)
  })

  it('are compared function by function, none left out', async () => {
    expect(CASES.map(({ name }) => name)).to.have.members(await libraryFunctions())
  })

  it('agree with the vectors that other implementations are tested against', async () => {
    const committed = JSON.parse(await readFile(COMMITTED, 'utf8'))
    expect(committed).to.deep.equal(JSON.parse(JSON.stringify(fixedVectors())))

    const answers = await solidity(
      committed.vectors.map(({ name, args }: { name: string; args: unknown[] }) => ({ name, args })),
    )
    const results = answers.map((answer) => answer ?? null)
    expect(results).to.deep.equal(committed.vectors.map(({ result }: { result: string[] | null }) => result))
  })
})

function same(a: Answer, b: Answer): boolean {
  return a?.join() === b?.join()
}

function inspect(args: unknown[]): string {
  return JSON.stringify(args, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
}
