import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as words from '@assay/sdk/protocol/words.ts'
import { expect } from 'chai'
import { Interface, type InterfaceAbi } from 'ethers'
import { network } from 'hardhat'
import { drawsFrom } from './libraries/draws.ts'

const ROOT = join(import.meta.dirname, '../..')
const SEED = process.env.ASSAY_FUZZ_SEED ?? '0xa55a7'
const WORDS_PER_LAYOUT = 6
/** Sources whose layout has another name than the file. */
const NAMES: Record<string, string> = { WeightLanes: 'WEIGHTS_WORD', ScoreWords: 'SCORE_ENTRY' }
/** Words that contracts only write; they never read single fields. */
const WRITTEN = ['RESULT_WORD']

const layouts = new Map(
  Object.entries<unknown>(words).filter((entry): entry is [string, words.WordLayout] =>
    Array.isArray(entry[1]),
  ),
)

type Place = { offset: number; bits: number; count: number }

const upperSnake = (name: string) => name.replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase()
const camelCase = (name: string) =>
  name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The layouts that the sources declare: each field's place by name. */
function declaredLayouts(): Record<string, Record<string, Place>> {
  const sources = globSync('contracts/{types/*,libraries/ScoreWords}.sol', { cwd: ROOT })
  const declared: Record<string, Record<string, Place>> = {}
  for (const source of sources.filter((path) => basename(path) !== 'Bits.sol')) {
    const name = basename(source, '.sol')
    declared[NAMES[name] ?? upperSnake(name)] = fieldsOf(source)
  }
  return declared
}

/** Fields by their constants `…_OFFSET`, `…_BITS` and, of several equal ones side by side, `…_COUNT`. */
function fieldsOf(source: string): Record<string, Place> {
  const text = readFileSync(join(ROOT, source), 'utf8')
  const found = text.matchAll(/ uint256 (?:private|internal) constant (\w+)_(OFFSET|BITS|COUNT) = (\d+);/g)
  const numbers = new Map([...found].map(([, name, kind, value]) => [`${name}_${kind}`, Number(value)]))
  expect(numbers.size, `constants of ${source}`).to.equal(text.match(/_(OFFSET|BITS|COUNT) = /g)?.length)
  const names = [...numbers.keys()].filter((key) => key.endsWith('_OFFSET')).map((key) => key.slice(0, -7))
  return Object.fromEntries(
    names.map((name) => {
      const [offset, bits] = [numbers.get(`${name}_OFFSET`)!, numbers.get(`${name}_BITS`) ?? 0]
      return [camelCase(name), { offset, bits, count: numbers.get(`${name}_COUNT`) ?? 1 }]
    }),
  )
}

describe('Packed words in Solidity and TypeScript', () => {
  it('have the same fields in the same places', () => {
    const ours = [...layouts].map(([name, layout]) => {
      const places = words.placesOf(layout)
      const fields = places.map((p) => [p.name, { offset: p.offset, bits: p.bits, count: p.count ?? 1 }])
      return [name, Object.fromEntries(fields)]
    })
    expect(declaredLayouts()).to.deep.equal(Object.fromEntries(ours))
  })

  it(`are read and written alike (ASSAY_FUZZ_SEED=${SEED})`, async () => {
    const { functions, ask } = await openWords()
    expect(functions.map(upperSnake)).to.have.members([...layouts.keys()])
    const calls = functions.flatMap((name) => {
      const draws = drawsFrom(`${SEED} ${name}`)
      const drawn = draws.list(WORDS_PER_LAYOUT, () => draws.bigint(0n, 2n ** 256n - 1n))
      return drawn.map((word) => callOf(name, word))
    })
    const answers = await ask(calls)
    calls.forEach(({ name, input, answer }, i) => {
      expect(answers[i], `${name} of ${input}`).to.deep.equal(answer)
    })
  })

  it('have masks of eight score entries as wide as the fields', () => {
    const source = readFileSync(join(ROOT, 'contracts/libraries/ScoreWords.sol'), 'utf8')
    const masks = [...source.matchAll(/ constant (\w+)_LANES = (0x[0-9a-f]{64});/g)]
    const found = masks.map(([, name = '', mask = '']) => [camelCase(name), BigInt(mask)])
    const ones = Array.from({ length: 8 }, (_, j) => 1n << BigInt(32 * j)).reduce((sum, one) => sum + one)
    const wanted = words.SCORE_ENTRY.map(({ name, bits }) => [name, ones * (2n ** BigInt(bits) - 1n)])
    expect(found).to.deep.equal(wanted)
  })

  it('leave no bare shift where a field is meant', () => {
    const sources = globSync('contracts/**/*.sol', { cwd: ROOT })
    const bare = sources.flatMap((path) =>
      readFileSync(join(ROOT, path), 'utf8')
        .split('\n')
        .filter((line) => !line.trimStart().startsWith('//'))
        .filter((line) =>
          /(?<!\b1 )(<<|>>) (8|16|24|32|40|48|56|64|72|80|88|96|1\d\d|2\d\d)\b|\.put\(\d/.test(line),
        )
        .map((line) => `${path}: ${line.trim()}`),
    )
    // The sum of a word's lanes stands in its highest one.
    expect(bare.filter((line) => !/\* (ONES|LANES)\) >> 240;$/.test(line))).to.deep.equal([])
    expect(sources.length).to.be.above(20)
  })
})

type Numbers = bigint | bigint[]

/** A call for a drawn word, and what it should answer. */
function callOf(name: string, word: bigint): { name: string; input: Numbers; answer: Numbers } {
  const layout = layouts.get(upperSnake(name))!
  const values = words.unpackWord(layout, word)
  const fields = Object.values(values).flat() as bigint[]
  if (!WRITTEN.includes(upperSnake(name))) return { name, input: word, answer: fields }
  return { name, input: fields, answer: words.packWord(layout, values) }
}

/** Runs test/solidity/fixtures/Words.sol: a function a layout. */
async function openWords() {
  const artifact = join(ROOT, 'artifacts/test/solidity/fixtures/Words.sol/Words.json')
  const { abi, bytecode } = JSON.parse(readFileSync(artifact, 'utf8')) as {
    abi: InterfaceAbi
    bytecode: string
  }
  const contracts = new Interface(abi)
  const connection = await network.create()
  const [signer] = await connection.ethers.getSigners()
  const contract = await new connection.ethers.ContractFactory(contracts, bytecode, signer).deploy()
  const functions: string[] = []
  contracts.forEachFunction(({ name }) => name !== 'batch' && functions.push(name))
  const ask = async (calls: { name: string; input: Numbers }[]): Promise<Numbers[]> => {
    const encoded = calls.map(({ name, input }) => contracts.encodeFunctionData(name, [input]))
    const answers: string[] = await contract.getFunction('batch').staticCall(encoded)
    return answers.map((answer, i) => {
      const [numbers] = contracts.decodeFunctionResult(calls[i]!.name, answer)
      return typeof numbers === 'bigint' ? numbers : [...numbers]
    })
  }
  return { functions, ask }
}
